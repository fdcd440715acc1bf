/** The workspace's logging configuration files: the server reads out of them which formats logs may have. */

import { type Disposable, EventEmitter, workspace } from 'vscode';

/** By name: fileConfig and dictConfig of Python, log4j, logback. */
const pattern = '**/{*logging*,*log_conf*,*logconf*,log,logger,alembic,log4j*,logback*}.{ini,cfg,conf,json,yaml,yml,xml,properties}';
const excluded = '**/{node_modules,site-packages,.venv,venv,.git,target,build}/**';
const mostFiles = 50;
/** After a change, in ms: an editor writes a file in several steps. */
const quietMs = 300;

export class LoggingConfigs implements Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly #report: (error: unknown) => void;
  #disposables: Disposable[] = [];
  #timer: NodeJS.Timeout | undefined;
  #paths: string[] = [];
  /** Other files, or another content of one. */
  readonly onDidChange = this.#changed.event;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** Absolute paths. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  /** Looks for them, now and whenever something changes. Files of a workspace that is not trusted are left alone. */
  look(): void {
    if (this.#disposables.length === 0) {
      const watcher = workspace.createFileSystemWatcher(pattern);
      const soon = (): void => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.#find().catch(this.#report), quietMs);
      };
      this.#disposables = [
        watcher,
        watcher.onDidChange(soon),
        watcher.onDidCreate(soon),
        watcher.onDidDelete(soon),
        workspace.onDidChangeWorkspaceFolders(soon),
        workspace.onDidGrantWorkspaceTrust(soon),
      ];
    }
    this.#find().catch(this.#report);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
    this.#changed.dispose();
  }

  async #find(): Promise<void> {
    if (!workspace.isTrusted) return;
    const found = await workspace.findFiles(pattern, excluded, mostFiles);
    const paths = found.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath);
    if (paths.length === 0 && this.#paths.length === 0) return;
    this.#paths = paths.sort();
    this.#changed.fire();
  }
}
