import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { Float, Tuple } from '../wire/pickle.ts';
import { pythonRepr } from '../wire/pythonLiteral.ts';
import { Handler } from './handler.ts';
import { JobQueue } from './jobQueue.ts';
import type { Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';
import { fieldsOf } from './recordFields.ts';

export interface HTTPHandlerOptions {
  /** GET by default: the record is in the URL. */
  method?: 'GET' | 'POST' | undefined;
  /** Over TLS. */
  secure?: boolean | undefined;
  /** Name and password, sent as Basic authentication. */
  credentials?: readonly [user: string, password: string] | null | undefined;
  /** For TLS: certificates and the like. */
  context?: SecureContextOptions | null | undefined;
  /** Longest wait for an answer, ms; 10 000 by default. */
  timeoutMs?: number | undefined;
  /** Records that wait for their turn at most; 10 000 by default. */
  maxQueued?: number | undefined;
  level?: Level | undefined;
}

/** Python's, which values of these attributes are. */
const FLOATS: readonly string[] = ['created', 'msecs', 'relativeCreated'];

/** Sends a record as a form, one request for each (https://docs.python.org/3/library/logging.handlers.html#httphandler). */
export class HTTPHandler extends Handler {
  /** `name` or `name:port`. */
  readonly host: string;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly #options: HTTPHandlerOptions;
  readonly #queue: JobQueue<{ record: LogRecord; form: string }>;

  /** Throws a RangeError for another method, or a `context` without `secure`. */
  constructor(host: string, url: string, options: HTTPHandlerOptions = {}) {
    // A handler that is made only half must not be among those that are closed at the end.
    const method = checkMethod(options);
    super(options.level);
    this.host = host;
    this.url = url;
    this.method = method;
    this.#options = options;
    this.#queue = new JobQueue({
      run: ({ form }) => this.#send(form),
      onError: ({ record }, error) => this.handleError(record, error),
      maxQueued: options.maxQueued ?? 10_000,
    });
  }

  /** For subclasses: the fields of the form. By default all of the record's attributes, by Python's names. */
  mapLogRecord(record: LogRecord): Readonly<Record<string, unknown>> {
    const { message: _, asctime: __, ...fields } = fieldsOf(record, { python: true });
    return { ...fields, args: Array.isArray(record.args) ? new Tuple(record.args) : (record.args ?? new Tuple([])) };
  }

  override emit(record: LogRecord): void {
    try {
      this.#queue.add({ record, form: formOf(this.mapLogRecord(record)) });
    } catch (error) {
      this.handleError(record, error);
    }
  }

  /** Resolves when all records are answered, or have failed. */
  override flush(): Promise<void> {
    return this.#queue.idle();
  }

  #send(form: string): Promise<void> {
    const { secure, credentials, context, timeoutMs = 10_000 } = this.#options;
    const isPost = this.method === 'POST';
    const headers: Record<string, string> = { Host: this.host };
    if (isPost)
      Object.assign(headers, { 'Content-type': 'application/x-www-form-urlencoded', 'Content-length': String(Buffer.byteLength(form)) });
    if (credentials) headers.Authorization = `Basic ${Buffer.from(credentials.join(':')).toString('base64')}`;
    const target = new URL(`${secure ? 'https' : 'http'}://${this.host}`);
    const path = isPost ? this.url : `${this.url}${this.url.includes('?') ? '&' : '?'}${form}`;
    return new Promise((resolve, reject) => {
      const options = { method: this.method, path, headers, agent: false, timeout: timeoutMs, ...(secure ? (context ?? {}) : {}) };
      const sent: ClientRequest = (secure ? httpsRequest : httpRequest)(target, options, (response) => {
        response.resume();
        response.once('end', resolve);
        response.once('error', reject);
      });
      sent.once('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      sent.once('error', reject);
      sent.end(isPost ? form : undefined);
    });
  }
}

/** Throws for what cannot go together. */
function checkMethod({ method = 'GET', secure, context }: HTTPHandlerOptions): 'GET' | 'POST' {
  const name = method.toUpperCase();
  if (name !== 'GET' && name !== 'POST') throw new RangeError('method must be GET or POST');
  if (!secure && context) throw new RangeError('context parameter only makes sense with secure=True');
  return name;
}

/** As urllib.parse.urlencode writes the `str` of Python's values. */
function formOf(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${quote(key)}=${quote(textOf(key, value))}`)
    .join('&');
}

function textOf(key: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return `${value.name}(${pythonRepr(value.message)})`;
  return pythonRepr(
    FLOATS.includes(key) ? new Float(Number(value)) : value instanceof Tuple || !isPlain(value) ? value : new Map(Object.entries(value)),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** `quote_plus`: letters, digits and `_.-~` stay, blanks become `+`. */
function quote(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
