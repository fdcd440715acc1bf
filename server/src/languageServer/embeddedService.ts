/** The Safelog service inside the language server: runs while the settings ask for it. */
import type { ServerAbout, ServerSettings } from '../protocol.ts';
import type { Service } from '../service/service.ts';
import { startService } from '../service/service.ts';
import { defaultRoot, userName } from '../writer/root.ts';

export class EmbeddedService {
  private settings: Pick<ServerSettings, 'root' | 'service'> = { root: '', service: { enabled: false, host: '127.0.0.1', port: 0 } };
  private service: Service | undefined;
  private problem: string | null = null;
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly onChanged: (about: ServerAbout) => void) {}

  get root(): string {
    return this.settings.root || defaultRoot();
  }

  get about(): ServerAbout {
    const address = this.service?.address;
    return {
      root: this.root,
      user: userName(),
      service: { listening: address === undefined ? null : `${address.host}:${address.port}`, problem: this.problem },
    };
  }

  /** Takes settings over; what does not work is told by `about`. */
  configure(settings: ServerSettings): void {
    const before = JSON.stringify(this.settings);
    this.settings = settings;
    if (JSON.stringify(settings) !== before) this.queue = this.queue.then(() => this.restart());
  }

  stop(): Promise<void> {
    this.settings = { ...this.settings, service: { ...this.settings.service, enabled: false } };
    this.queue = this.queue.then(() => this.restart());
    return this.queue;
  }

  private async restart(): Promise<void> {
    const { enabled, host, port } = this.settings.service;
    try {
      await this.service?.stop();
      this.service = undefined;
      this.problem = null;
      if (enabled) {
        this.service = await startService({
          root: this.root,
          host,
          port,
          onProblem: ({ path, message, advice }) => {
            this.problem = `${path}: ${message}${advice === '' ? '' : `. ${advice}`}`;
            this.onChanged(this.about);
          },
        });
      }
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.onChanged(this.about);
  }
}
