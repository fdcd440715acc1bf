/** For tests: the real command, built once per test file, and for each test an empty tree. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { buildCommand, type Finished, type TestCommand } from './testCommand.ts';

export interface TestTree {
  command: TestCommand;
  /** Absolute. A test may set it to another tree. */
  root: string;
  /** Writes a file of the tree, and makes its folders. */
  put(file: string, content: string | Uint8Array): void;
  /** Runs `safelog NAME --root ROOT ARGS`. */
  run(name: string, ...args: string[]): Promise<Finished>;
}

/** To be called once in a test file, outside of the tests. */
export function useTestTree(): TestTree {
  let command: TestCommand | undefined;
  const tree: TestTree = {
    get command() {
      if (command === undefined) throw new Error('only within a test');
      return command;
    },
    root: '',
    put: (file, content) => {
      const path = join(tree.root, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    },
    run: (name, ...args) => tree.command.run([name, '--root', tree.root, ...args]),
  };
  beforeAll(async () => {
    command = await buildCommand();
  });
  afterAll(() => command?.close());
  beforeEach(() => {
    tree.root = mkdtempSync(join(tree.command.folder, 'tree-'));
  });
  return tree;
}

/** The objects of JSON lines. */
export const rowsOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
