import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { Handler } from './handler.ts';
import { JobQueue } from './jobQueue.ts';
import type { Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';

export interface SMTPHandlerOptions {
  /** Name and password; they are sent only over TLS, unless `secure` is left out. */
  credentials?: readonly [user: string, password: string] | null | undefined;
  /** STARTTLS is required; with certificates and the like, where the server wants them. */
  secure?: boolean | SecureContextOptions | readonly string[] | null | undefined;
  /** Longest wait for the server, seconds; 5 by default. */
  timeout?: number | undefined;
  /** Mails that wait for their turn at most; 1000 by default. */
  maxQueued?: number | undefined;
  level?: Level | undefined;
}

/** Sends each record as a mail (https://docs.python.org/3/library/logging.handlers.html#smtphandler), by nodemailer. */
export class SMTPHandler extends Handler {
  readonly mailhost: string;
  /** null: the standard port of SMTP. */
  readonly mailport: number | null;
  readonly fromaddr: string;
  readonly toaddrs: readonly string[];
  readonly subject: string;
  readonly #options: SMTPHandlerOptions;
  readonly #queue: JobQueue<{ record: LogRecord; subject: string; text: string }>;

  constructor(
    mailhost: string | readonly [host: string, port: number],
    fromaddr: string,
    toaddrs: string | readonly string[],
    subject: string,
    options: SMTPHandlerOptions = {},
  ) {
    super(options.level);
    [this.mailhost, this.mailport] = typeof mailhost === 'string' ? [mailhost, null] : mailhost;
    this.fromaddr = fromaddr;
    this.toaddrs = typeof toaddrs === 'string' ? [toaddrs] : toaddrs;
    this.subject = subject;
    this.#options = options;
    this.#queue = new JobQueue({
      run: ({ subject: of, text }) => this.#send(of, text),
      onError: ({ record }, error) => this.handleError(record, error),
      maxQueued: options.maxQueued ?? 1000,
    });
  }

  /** For subclasses: the subject of a record's mail. */
  getSubject(_record: LogRecord): string {
    return this.subject;
  }

  override emit(record: LogRecord): void {
    try {
      this.#queue.add({ record, subject: this.getSubject(record), text: this.format(record) });
    } catch (error) {
      this.handleError(record, error);
    }
  }

  /** Resolves when the server has taken all mails, or has not, which handleError was told. */
  override flush(): Promise<void> {
    return this.#queue.idle();
  }

  async #send(subject: string, text: string): Promise<void> {
    const { credentials, secure, timeout = 5 } = this.#options;
    // Most programs never send a mail.
    const { createTransport } = await import('nodemailer');
    const isSecure = Boolean(secure);
    const transport = createTransport({
      host: this.mailhost,
      port: this.mailport ?? 25,
      secure: false,
      requireTLS: isSecure,
      ignoreTLS: !isSecure,
      ...(isSecure ? { tls: certificates(secure) } : {}),
      ...(credentials ? { auth: { user: credentials[0], pass: credentials[1] } } : {}),
      connectionTimeout: timeout * 1000,
      greetingTimeout: timeout * 1000,
      socketTimeout: timeout * 1000,
    });
    try {
      await transport.sendMail({
        from: this.fromaddr,
        to: [...this.toaddrs],
        subject,
        text,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    } finally {
      transport.close();
    }
  }
}

/** Python takes the paths of a key and a certificate; the empty tuple for none. */
function certificates(secure: SMTPHandlerOptions['secure']): SecureContextOptions {
  if (typeof secure !== 'object' || secure === null) return {};
  if (!Array.isArray(secure)) return secure as SecureContextOptions;
  const [key, cert] = (secure as readonly string[]).map((path) => readFileSync(path));
  return { ...(key ? { key } : {}), ...(cert ? { cert } : {}) };
}
