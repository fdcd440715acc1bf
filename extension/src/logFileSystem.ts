/** Any log or generation as a read-only document, unzipped by the server: `safelog-log:/absolute/path`. */

import {
  Disposable,
  EventEmitter,
  type FileChangeEvent,
  FileChangeType,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  type FileType,
  Uri,
  workspace,
} from 'vscode';
import { schemes } from './ids.ts';
import type { Server } from './server.ts';

/** VS Code has no TextDocument above 50 MB; of a larger log the end is shown. */
const maxBytes = 40 * 1024 * 1024;

export function logUri(path: string): Uri {
  return Uri.file(path).with({ scheme: schemes.log });
}

/** The half of a read-only FileSystemProvider that is the same for every log. */
export abstract class ReadOnlyFileSystem implements FileSystemProvider {
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  /** VS Code reads the document anew, where its `stat` tells another time. */
  protected fire(uri: Uri): void {
    this.#changed.fire([{ type: FileChangeType.Changed, uri }]);
  }

  abstract readFile(uri: Uri): Promise<Uint8Array>;
  abstract stat(uri: Uri): Promise<FileStat>;

  watch(): Disposable {
    return new Disposable(() => {});
  }
  readDirectory(uri: Uri): [string, FileType][] {
    throw FileSystemError.FileNotADirectory(uri);
  }
  createDirectory(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }
  writeFile(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }
  delete(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }
  rename(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }
}

export class LogFileSystem extends ReadOnlyFileSystem {
  readonly #server: Server;
  /** Of logs whose beginning is left out: the line of the file that the document begins with. */
  readonly #firstLines = new Map<string, number>();
  /** How often the encoding was changed. */
  readonly #changes = new Map<string, number>();
  readonly #encodingOf: (path: string) => string | undefined;

  /** @param encodingOf a label of the Encoding Standard; undefined for UTF-8 */
  constructor(server: Server, encodingOf: (path: string) => string | undefined) {
    super();
    this.#server = server;
    this.#encodingOf = encodingOf;
  }

  encodingChanged(path: string): void {
    const uri = logUri(path);
    this.#changes.set(uri.path, (this.#changes.get(uri.path) ?? 0) + 1);
    this.fire(uri);
  }

  /** Opens the log and tells which of the document's lines a line of the file is; both are 1-based. */
  async lineIn(uri: Uri, line: number): Promise<number> {
    await workspace.openTextDocument(uri);
    return Math.max(1, line - (this.#firstLines.get(uri.path) ?? 1) + 1);
  }

  override async stat(uri: Uri): Promise<FileStat> {
    const stat = await workspace.fs.stat(uri.with({ scheme: 'file' }));
    return { ...stat, mtime: stat.mtime + (this.#changes.get(uri.path) ?? 0) };
  }

  override async readFile(uri: Uri): Promise<Uint8Array> {
    const encoding = this.#encodingOf(uri.fsPath);
    const { text, firstLine } = await this.#server.request('safelog/file/read', {
      path: uri.fsPath,
      bytes: maxBytes,
      ...(encoding !== undefined && { encoding }),
    });
    this.#firstLines.set(uri.path, firstLine);
    return encodeText(text);
  }
}

/** NUL would make VS Code take the log for a binary file: it is shown as its picture. */
export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(showNul(text));
}

export function showNul(text: string): string {
  return text.replaceAll('\0', '␀');
}
