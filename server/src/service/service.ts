/** The Safelog service: receivers take entries in, one way leads to the writers. Nothing that a client sends stops it. */

import { accessSync, constants, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import { FORMATS_FILE, readFormats, withFormat } from '../generation/treeFormats.ts';
import type { Problem } from '../protocol.ts';
import { LineFormat } from '../record/lineFormat.ts';
import { hasCode, makeFolder } from '../writer/makeFolder.ts';
import { publish } from '../writer/publish.ts';
import { SYSTEM_ROOT, userName } from '../writer/root.ts';
import { publishRotation } from '../writer/treeRotation.ts';
import { findService } from './askStatus.ts';
import { readConfig, type ServiceConfig } from './config.ts';
import { newCounts, type ServiceCounts } from './counts.ts';
import { takeEntry } from './entryIntake.ts';
import { DEFAULT_LIMITS, type Receiver, type ReceiverLimits, startReceiver } from './entryReceiver.ts';
import { type Identity, identify } from './identity.ts';
import { tcpPeer, unixPeer } from './peer.ts';
import { Receivers } from './receivers.ts';
import { RecordIntake } from './recordIntake.ts';
import { chooseDoomed, deleteGeneration } from './retention.ts';
import { lockRoot, type RootLock } from './rootLock.ts';
import { ListenError, listenFailure, RootTakenError, ServiceError } from './serviceErrors.ts';
import { bindSocket } from './socketPath.ts';
import { type Listening, type ServiceStatus, StatusReport } from './status.ts';
import { StreamIntake } from './streamIntake.ts';
import { DEFAULT_STREAM_LIMITS, StreamReceiver } from './streamReceiver.ts';
import { Writers } from './writers.ts';

/** What is not given is as `safelog serve` has it without options, environment and file; but the streaming protocol is off. */
export interface ServiceOptions extends Partial<ServiceConfig> {
  root: string;
  /** Of the original protocol, in more detail. */
  limits?: Partial<ReceiverLimits>;
  /** How root starts a child that writes for another user. Without it everything is written in this process. */
  writerCommand?: readonly string[];
  /** Users whom the system does not know have no logs; so it is in the system's tree. */
  refusesStrangers?: boolean;
  /** Told once per path, and once per kind of refused or dropped message. */
  onProblem?: (problem: Problem) => void;
}

export interface Service {
  /** Of the original protocol; port 0 where it is off. */
  address: { host: string; port: number };
  listening: readonly Listening[];
  /** Absolute. */
  root: string;
  counts: Readonly<ServiceCounts>;
  status(): ServiceStatus;
  /** Writes everything that was received until now, then resolves. */
  stop(): Promise<void>;
}

const RETENTION_MS = 60_000;

/** Starts the service. Rejects with a ServiceError where the root cannot be used or a port not be opened. */
export async function startService({
  limits,
  writerCommand,
  refusesStrangers,
  onProblem = () => {},
  ...given
}: ServiceOptions): Promise<Service> {
  const defaults = readConfig({ options: { root: given.root, socket: '-' }, environment: {}, file: null });
  const config: ServiceConfig = { ...defaults, ...given, root: resolve(given.root) };
  const { lockFileDirectory } = config.rotation;
  if (lockFileDirectory) config.rotation = { ...config.rotation, lockFileDirectory: resolve(lockFileDirectory) };
  const { root, host } = config;
  checkRoot(root);
  const lock = await takeRoot(root, config.socket, onProblem);
  const counts = newCounts();
  const said = new Set<string>();
  const sayOnce = (kind: string, message: string, advice = ''): void => {
    if (said.has(kind) || said.size > 1000) return;
    said.add(kind);
    // Port 0 is another one by now.
    onProblem({ path: config.port === null ? (config.socket ?? root) : `${host}:${entries?.port ?? config.port}`, message, advice });
  };
  const format = config.format === null ? null : new LineFormat(config.format);
  const writers = new Writers({
    root,
    rotation: config.rotation,
    format,
    onProblem,
    command: writerCommand,
    refusesStrangers: refusesStrangers ?? (root === SYSTEM_ROOT && process.geteuid?.() === 0),
  });
  const known =
    (peer: (socket: Socket) => number | null) =>
    (socket: Socket): Identity =>
      identify(peer(socket), config.identity);
  const onAcceptError = (error: Error): void => sayOnce('accept', `a connection was refused: ${error.message}`, TOO_MANY_ADVICE);
  const queuedBytes = (): number => writers.queuedBytes + records.queuedBytes;
  const records = new RecordIntake({
    writers,
    counts,
    defaultUser: config.user ?? userName(),
    defaultModule: config.module,
    sayOnce,
  });
  const others = new Map<Listening, () => number>();
  const receivers = new Receivers({
    config,
    attributes: format?.attributes ?? [],
    intake: records,
    counts,
    queuedBytes,
    sayOnce,
    onProblem,
    onAcceptError,
    bindSocket,
    onListening: (kind, address, connections) => {
      const each: Listening = { kind, address };
      listening.push(each);
      others.set(each, connections);
    },
  });

  let entries: Receiver | null = null;
  /** The streams that come in on the port of the original protocol. */
  let onPort: StreamReceiver | null = null;
  const streams: StreamReceiver[] = [];
  const intakes: StreamIntake[] = [];
  const listening: Listening[] = [];
  const report = new StatusReport({
    root,
    counts,
    listening,
    queuedBytes,
    entries: () => (entries?.count() ?? 0) + (onPort?.connections ?? 0),
    streams,
    intakes,
    others,
  });

  const makeStream = (where: { path: string } | { host: string; port: number }): StreamReceiver => {
    const isUnix = 'path' in where;
    const intake = new StreamIntake({
      root,
      writers,
      counts,
      defaultUser: config.user,
      defaultModule: config.module,
      identify: known(isUnix ? unixPeer : tcpPeer),
      sayOnce,
    });
    const receiver = new StreamReceiver({
      where,
      limits: {
        ...DEFAULT_STREAM_LIMITS,
        connections: config.connections,
        totalBytes: config.totalBytes,
        recordsPerSecond: config.recordsPerSecond,
        idleMs: config.idleMs,
      },
      onHello: (socket, hello) => intake.hello(socket, hello),
      status: isUnix ? () => JSON.stringify(report.now()) : null,
      queuedBytes,
      onBroken: (reason) => {
        counts.brokenStreams++;
        sayOnce('broken', `a stream broke the protocol: ${reason}`);
      },
      onRejected: () => {
        counts.rejectedStreams++;
        sayOnce('rejected', 'a stream was refused: too many are open', TOO_MANY_ADVICE);
      },
      onAcceptError,
    });
    intakes.push(intake);
    return receiver;
  };
  const startStream = async (where: { path: string } | { host: string; port: number }): Promise<void> => {
    const receiver = makeStream(where);
    const bound = await receiver.listen();
    streams.push(receiver);
    listening.push({ kind: 'stream', address: 'path' in bound ? bound.path : join(bound) });
  };

  const end = async (): Promise<void> => {
    clearInterval(retaining);
    // Sockets end when what came by them is written.
    await Promise.all([entries?.stop(), onPort?.stop(), receivers.stop(), ...streams.map((receiver) => receiver.stop())]);
    await writers.close();
    report.stop();
    lock?.release();
  };
  let ending: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  const retain = (): void => retainTree(config, onProblem);
  const { maxAgeMs, maxTotalBytes } = config.retention;
  const retaining = setInterval(retain, RETENTION_MS);
  retaining.unref();

  try {
    if (lock) tellRotation(config);
    if (lock) tellFormat(config);
    writers.recover();
    if (maxAgeMs > 0 || maxTotalBytes > 0) retain();
    if (config.port !== null) {
      // The port of the original protocol takes streams as well.
      const adopting = makeStream({ host, port: config.port });
      onPort = adopting;
      entries = await startReceiver({
        host,
        port: config.port,
        limits: {
          ...DEFAULT_LIMITS,
          messageBytes: config.messageBytes,
          totalBytes: config.totalBytes,
          connections: config.connections,
          idleMs: config.idleMs,
          ...limits,
        },
        identify: known(tcpPeer),
        onStream: (socket, first) => adopting.adopt(socket, first),
        onMessage: (message, ending, identity, done) =>
          takeEntry({ writers, counts, markContinuations: config.markContinuations, sayOnce }, message, ending, identity, done),
        queuedBytes,
        onOverflow: (kind) => {
          counts.connections++;
          counts.dropped[kind]++;
          sayOnce(kind, OVERFLOWS[kind], kind === 'count' ? TOO_MANY_ADVICE : '');
        },
        onAcceptError,
      }).catch((error) => {
        throw new ListenError('port', `${host}:${config.port}`, error);
      });
      listening.push({ kind: 'safelog', address: join(entries) });
    }
    if (config.socket !== null) await startSocket(config.socket, config.isSocketOptional, startStream, onProblem);
    if (config.streamPort !== null) {
      await startStream({ host, port: config.streamPort }).catch((error) => {
        throw new ListenError('streamPort', `${host}:${config.streamPort}`, error);
      });
    }
    await receivers.start();
  } catch (error) {
    await stop();
    throw error;
  }
  lock?.publish(listening.map(({ kind, address }) => `${kind} ${address}`));
  return {
    address: { host: entries?.host ?? host, port: entries?.port ?? 0 },
    listening,
    root,
    counts,
    status: () => report.now(),
    stop,
  };
}

const TOO_MANY_ADVICE = 'Raise the limit of open files (ulimit -n), or the setting connections.';

const OVERFLOWS = {
  oversized: 'a message was too long and has been dropped',
  memory: 'too much came in at once: a message has been dropped',
  count: 'too many connections are open: one has been refused',
};

/** Programs that write the files themselves do it in the same way. */
function tellRotation({ root, rotation }: ServiceConfig): void {
  try {
    if (rotation.lockFileDirectory) makeFolder(rotation.lockFileDirectory);
    publishRotation(root, rotation);
  } catch (error) {
    throw new ServiceError(`cannot say in ${root} how its logs are rotated: ${String(error)}`, { cause: error });
  }
}

/** The index reads the lines with it. */
function tellFormat({ root, format }: ServiceConfig): void {
  const text = format === null ? null : withFormat(readFormats(root), format);
  if (text === null) return;
  try {
    publish(root, FORMATS_FILE, text);
  } catch (error) {
    throw new ServiceError(`cannot say in ${root} in which format its logs are written: ${String(error)}`, { cause: error });
  }
}

function retainTree({ root, retention, rotation }: ServiceConfig, onProblem: (problem: Problem) => void): void {
  if (retention.maxAgeMs === 0 && retention.maxTotalBytes === 0) return;
  for (const doomed of chooseDoomed(root, retention)) {
    try {
      deleteGeneration(root, doomed, rotation.lockFileDirectory);
    } catch (error) {
      onProblem({ path: `${root}/${doomed.user}/${doomed.basename}`, message: `cannot be deleted: ${String(error)}`, advice: '' });
    }
  }
}

async function takeRoot(root: string, socket: string | null, onProblem: (problem: Problem) => void): Promise<RootLock | null> {
  let taken: ReturnType<typeof lockRoot>;
  try {
    taken = lockRoot(root);
  } catch (error) {
    if (!hasCode(error, 'EACCES') && !hasCode(error, 'EROFS'))
      throw new ServiceError(`cannot lock the root ${root}: ${String(error)}`, { cause: error });
    // The lock is the administrator's, say, whose service can only be asked.
    const holder = await findService(root, socket);
    if (holder) throw new RootTakenError(root, holder);
    onProblem({ path: root, message: 'another service cannot be told that this one serves here: permission denied', advice: '' });
    return null;
  }
  if ('release' in taken) return taken;
  throw new RootTakenError(root, taken.holder);
}

async function startSocket(
  path: string,
  isOptional: boolean,
  start: (where: { path: string }) => Promise<void>,
  onProblem: (problem: Problem) => void,
): Promise<void> {
  try {
    await bindSocket(path, () => start({ path }));
  } catch (error) {
    const reason = hasCode(error, 'EADDRINUSE') ? 'something else has that name' : listenFailure(error);
    const message = `cannot listen on ${path}: ${reason}`;
    if (!isOptional) throw new ServiceError(message, { cause: error });
    onProblem({ path, message, advice: 'Name another with --socket.' });
  }
}

function join({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function checkRoot(root: string): void {
  try {
    makeFolder(root);
    if (!statSync(root).isDirectory()) throw new Error('it is not a directory');
    accessSync(root, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new ServiceError(`cannot use the root ${root}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
