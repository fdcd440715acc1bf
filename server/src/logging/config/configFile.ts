import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { parse } from 'yaml';
import { dictConfig } from './dictConfig.ts';
import { type FileConfigOptions, fileConfig } from './fileConfig.ts';

/**
 * Configures logging from a file: `.json`, `.yaml` and `.yml` hold what dictConfig takes, all others what fileConfig takes. Throws what is
 * wrong with it.
 */
export function configureFromFile(path: string, options: FileConfigOptions = {}): void {
  const extension = extname(path).toLowerCase();
  if (extension === '.json') dictConfig(JSON.parse(readFileSync(path, 'utf8')), options);
  else if (extension === '.yaml' || extension === '.yml') dictConfig(parse(readFileSync(path, 'utf8')), options);
  else fileConfig(path, options);
}
