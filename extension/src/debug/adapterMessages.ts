/**
 * The messages of the Debug Adapter Protocol that are recorded, made into types: what an adapter sends may be anything. Pure.
 * https://microsoft.github.io/debug-adapter-protocol/specification
 */

/** A place as an adapter names it. */
export interface AdapterPlace {
  /** A path of the debuggee's machine, or what the adapter calls a source that is no file. */
  file: string;
  /** 1-based, as VS Code asks adapters to count. */
  line: number;
  column?: number;
}

export interface AdapterFrame {
  name: string;
  place?: AdapterPlace;
}

export type AdapterMessage =
  /** `isMessage`: it is an event with a source, so not a fragment of a stream. */
  | { kind: 'output'; category: string; output: string; isMessage: boolean; place?: AdapterPlace }
  | { kind: 'stopped'; reason: string; threadId?: number; description: string; text: string }
  | { kind: 'exited'; exitCode: number }
  | { kind: 'process'; pid?: number };

/** What VS Code asks of an adapter. */
export type ClientMessage = { kind: 'logpoints'; file: string; logpoints: Logpoint[] } | { kind: 'restart' };

export interface Logpoint {
  line: number;
  message: string;
}

/** What an exception is called, and where it was thrown. */
export interface ExceptionInfo {
  type: string;
  message: string;
  /** `unhandled` and the like. */
  breakMode: string;
  /** As the language writes it; empty where the adapter does not tell. */
  stackTrace: string;
}

type Fields = Record<string, unknown>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** An event; undefined for what is not recorded. */
export function parseAdapterMessage(message: unknown): AdapterMessage | undefined {
  const { type, event, body } = fieldsOf(message);
  if (type !== 'event') return undefined;
  const fields = fieldsOf(body);
  switch (event) {
    case 'output': {
      if (typeof fields.output !== 'string') return undefined;
      const place = placeOf(fields);
      const output = { kind: 'output', category: textOf(fields.category) || 'console', output: fields.output } as const;
      return { ...output, isMessage: fields.source !== undefined, ...(place && { place }) };
    }
    case 'stopped': {
      const threadId = countOf(fields.threadId);
      const stop = { reason: textOf(fields.reason), description: textOf(fields.description), text: textOf(fields.text) };
      return { kind: 'stopped', ...stop, ...(threadId !== undefined && { threadId }) };
    }
    case 'exited':
      return typeof fields.exitCode === 'number' ? { kind: 'exited', exitCode: fields.exitCode } : undefined;
    case 'process': {
      const pid = countOf(fields.systemProcessId);
      return { kind: 'process', ...(pid !== undefined && { pid }) };
    }
    default:
      return undefined;
  }
}

/** A request; undefined for what does not matter here. */
export function parseClientMessage(message: unknown): ClientMessage | undefined {
  const { type, command, arguments: given } = fieldsOf(message);
  if (type !== 'request') return undefined;
  const fields = fieldsOf(given);
  if (command === 'restart' || ((command === 'disconnect' || command === 'terminate') && fields.restart === true))
    return { kind: 'restart' };
  if (command !== 'setBreakpoints') return undefined;
  const logpoints = listOf(fields.breakpoints).flatMap((breakpoint): Logpoint[] => {
    const { line, logMessage } = fieldsOf(breakpoint);
    const number = countOf(line);
    return number !== undefined && typeof logMessage === 'string' && logMessage !== '' ? [{ line: number, message: logMessage }] : [];
  });
  return { kind: 'logpoints', file: pathOf(fieldsOf(fields.source).path), logpoints };
}

/** The body of the answer to `stackTrace`. */
export function parseFrames(body: unknown): AdapterFrame[] {
  return listOf(fieldsOf(body).stackFrames).map((frame) => {
    const fields = fieldsOf(frame);
    const place = placeOf(fields);
    return { name: textOf(fields.name), ...(place && { place }) };
  });
}

/** The body of the answer to `exceptionInfo`. */
export function parseExceptionInfo(body: unknown): ExceptionInfo {
  const { exceptionId, description, breakMode, details } = fieldsOf(body);
  const { typeName, message, stackTrace } = fieldsOf(details);
  return {
    type: textOf(typeName) || textOf(exceptionId),
    message: textOf(message) || textOf(description),
    breakMode: textOf(breakMode),
    stackTrace: textOf(stackTrace).replaceAll('\r\n', '\n'),
  };
}

/** `source`, `line` and `column` of an event or a frame. */
function placeOf(fields: Fields): AdapterPlace | undefined {
  const file = pathOf(fieldsOf(fields.source).path);
  const line = countOf(fields.line);
  if (file === '' || line === undefined || line === 0) return undefined;
  const column = countOf(fields.column);
  return { file, line, ...(column !== undefined && column > 0 && { column }) };
}

/** A tracker sees paths as they are; in answers VS Code has made URIs of them, as texts or as its own objects. */
function pathOf(value: unknown): string {
  const components = fieldsOf(value);
  if (typeof components.path === 'string') return withoutSlashOfDrive(components.path);
  const text = textOf(value);
  if (!/^(?:vscode-remote|file):\/\//.test(text)) return text;
  try {
    return withoutSlashOfDrive(decodeURIComponent(new URL(text).pathname));
  } catch {
    return text;
  }
}

const withoutSlashOfDrive = (path: string): string => path.replace(/^\/(?=[A-Za-z]:)/, '');

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
