/**
 * The Safelog service inside the language server: runs while the settings ask for it. Where another process serves the tree, that service is
 * used, and this one waits to take over when it ends.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepTakingIn } from '../client/deliverSpool.ts';
import type { Problem, ServerAbout, ServerSettings, ServiceState } from '../protocol.ts';
import { findService } from '../service/askStatus.ts';
import { type Given, readConfig, SETTINGS, type SettingName } from '../service/config.ts';
import type { Holder } from '../service/rootLock.ts';
import { type Service, startService } from '../service/service.ts';
import { ListenError, RootTakenError } from '../service/serviceErrors.ts';
import { isSocketPath } from '../service/socketPath.ts';
import { defaultRoot, userName } from '../writer/root.ts';

const STREAM = 'stream ';
/** How often the one that waits looks whether the other has ended. */
const TAKE_OVER_MS = 300;
/** How often is tried again what did not start. */
const RETRY_MS = 10_000;

export class EmbeddedService {
  private settings: Pick<ServerSettings, 'root' | 'service'> = { root: '', service: { enabled: false, settings: {} } };
  private service: Service | undefined;
  private stopTakingIn: () => void = () => {};
  /** Who serves instead; its holder is null where that is not known. */
  private other: { holder: Holder | null } | undefined;
  private problem: string | null = null;
  private refused: ServiceState['refused'] = null;
  private queue: Promise<void> = Promise.resolve();
  private retry: NodeJS.Timeout | undefined;
  private told = '';

  constructor(private readonly onChanged: (about: ServerAbout) => void) {}

  get root(): string {
    return this.settings.root || defaultRoot();
  }

  get about(): ServerAbout {
    return { root: this.root, user: userName(), service: this.describe(this.other) };
  }

  /** What `about` tells of the service; where this one is off, a service that runs outside is asked for, too. */
  async find(): Promise<ServiceState> {
    if (!this.settings.service.enabled) {
      const holder = await findService(this.root, socketOf(this.given));
      if (holder !== null && !this.settings.service.enabled) return this.describe({ holder });
    }
    return this.about.service;
  }

  private describe(other: EmbeddedService['other']): ServiceState {
    const own = this.service?.listening.map(({ kind, address }) => `${kind} ${address}`);
    const streams = (own ?? other?.holder?.addresses ?? []).filter((address) => address.startsWith(STREAM));
    return {
      listening: this.service ? ownAddress(this.service) : (other?.holder && addressOf(other.holder)) || null,
      socket: streams.map((address) => address.slice(STREAM.length)).find(isSocketPath) ?? null,
      servedBy: other ? (other.holder?.pid ?? 0) : null,
      problem: this.problem,
      refused: this.refused,
    };
  }

  /** What the window's settings say of the service. */
  private get given(): Given {
    return { ...known(this.settings.service.settings), root: this.root };
  }

  /** Takes settings over; what does not work is told by `about`. */
  configure({ root, service }: Pick<ServerSettings, 'root' | 'service'>): void {
    const before = JSON.stringify(this.settings);
    this.settings = { root, service };
    if (JSON.stringify(this.settings) !== before) this.queue = this.queue.then(() => this.restart());
  }

  stop(): Promise<void> {
    this.settings = { ...this.settings, service: { ...this.settings.service, enabled: false } };
    this.queue = this.queue.then(() => this.restart());
    return this.queue;
  }

  private async restart(): Promise<void> {
    clearTimeout(this.retry);
    this.stopTakingIn();
    this.stopTakingIn = () => {};
    try {
      await this.service?.stop();
      this.problem = null;
      this.refused = null;
    } catch (error) {
      this.problem = describe(error);
    }
    this.service = undefined;
    this.other = undefined;
    if (this.settings.service.enabled) await this.start();
    this.tell(true);
  }

  private async start(): Promise<void> {
    const hasWaited = this.other !== undefined;
    this.problem = null;
    this.refused = null;
    try {
      this.service = await this.startOwn();
      this.other = undefined;
    } catch (error) {
      if (error instanceof RootTakenError) {
        this.other = { holder: error.holder };
        this.problem = null;
        this.tryLater(TAKE_OVER_MS);
      } else if (hasWaited) {
        // The ports of the one that has just ended may be its for a moment longer than its lock.
        this.other = undefined;
        this.tryLater(TAKE_OVER_MS);
      } else {
        this.problem = describe(error);
        if (error instanceof ListenError) this.refused = { setting: error.setting, address: error.address, reason: error.reason };
        this.tryLater(RETRY_MS);
      }
    }
  }

  private async startOwn(): Promise<Service> {
    const config = readConfig({ options: this.given, nameOption: (name) => `safelog.service.${name}` });
    const service = await startService({
      ...config,
      ...writerCommand(),
      onProblem: (problem) => this.note(problem),
    });
    if (config.socket !== null && service.listening.some(({ address }) => address === config.socket))
      this.stopTakingIn = keepTakingIn({ address: { path: config.socket }, root: service.root });
    return service;
  }

  private tryLater(ms: number): void {
    this.retry = setTimeout(() => {
      this.queue = this.queue.then(async () => {
        if (this.service || !this.settings.service.enabled) return;
        await this.start();
        this.tell();
      });
    }, ms);
  }

  private note({ path, message, advice }: Problem): void {
    this.problem = `${path}: ${message}${advice === '' ? '' : `. ${advice}`}`;
    // While it starts, what is in its way is told with the outcome: a service without its socket serves all the same.
    if (this.service !== undefined) this.tell();
  }

  /** @param isAsked whether somebody waits for the outcome, be it the same as before */
  private tell(isAsked = false): void {
    const { about } = this;
    const text = JSON.stringify(about);
    if (text === this.told && !isAsked) return;
    this.told = text;
    this.onChanged(about);
  }
}

/** The root is the window's; an empty text is what an editor of settings leaves behind. */
function known(settings: ServerSettings['service']['settings']): Given {
  const names = Object.keys(SETTINGS).filter((name): name is SettingName => name !== 'root' && (settings[name] ?? '') !== '');
  return Object.fromEntries(names.map((name) => [name, settings[name]]));
}

function ownAddress({ listening, address }: Service): string | null {
  return listening.some(({ kind }) => kind === 'safelog') ? `${address.host}:${address.port}` : (listening[0]?.address ?? null);
}

/** Null also where the settings are wrong: that is told once the service is to run. */
function socketOf(options: Given): string | null {
  try {
    return readConfig({ options }).socket;
  } catch {
    return null;
  }
}

/** Addresses are published with their kinds: `safelog HOST:PORT`, `stream PATH`. */
function addressOf({ addresses }: Holder): string | null {
  const found = addresses.find((address) => address.startsWith('safelog ')) ?? addresses[0];
  return found === undefined ? null : found.slice(found.indexOf(' ') + 1);
}

/** Where root runs VS Code, as in containers, what others log is written with their rights. */
function writerCommand(): { writerCommand?: string[] } {
  const command = join(dirname(fileURLToPath(import.meta.url)), 'cli.js');
  return existsSync(command) ? { writerCommand: [process.execPath, command, 'serve', '--write-for'] } : {};
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
