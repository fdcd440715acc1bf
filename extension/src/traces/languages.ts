import { extname } from 'node:path';

/** VS Code's names of the languages that traces are of, for colours. */
const languages: Record<string, string> = {
  '.py': 'python',
  '.js': 'javascript',
  '.cjs': 'javascript',
  '.mjs': 'javascript',
  '.jsx': 'javascriptreact',
  '.ts': 'typescript',
  '.cts': 'typescript',
  '.mts': 'typescript',
  '.tsx': 'typescriptreact',
  '.java': 'java',
  '.kt': 'kotlin',
  '.kts': 'kotlin',
  '.scala': 'scala',
  '.groovy': 'groovy',
  '.clj': 'clojure',
  '.cs': 'csharp',
  '.fs': 'fsharp',
  '.vb': 'vb',
  '.go': 'go',
  '.rs': 'rust',
  '.rb': 'ruby',
  '.php': 'php',
};

/** By a file's name; empty for others. */
export function languageOf(path: string): string {
  return languages[extname(path).toLowerCase()] ?? '';
}
