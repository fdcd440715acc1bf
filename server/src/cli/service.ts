/** `safelog service`: has the operating system start `safelog serve`. It writes one file, and says what to run; it starts nothing itself. */

import { lstatSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig, SYSTEM_SOCKET } from '../service/config.ts';
import { hasCode, makeFolder } from '../writer/makeFolder.ts';
import { SYSTEM_ROOT } from '../writer/root.ts';
import { parseServe } from './serve.ts';
import { LAUNCHD_LABEL, launchdPlist, MARK, type ServiceFile, systemdUnit } from './serviceFiles.ts';
import { askFirst, socketsToAsk } from './status.ts';
import { isUsageError, printable, UsageError } from './usage.ts';

export const help = `Usage: safelog service install|status|remove [OPTION]… [-- SERVE-OPTION…]

Has the system start 'safelog serve': a unit of systemd, or on macOS a property list of launchd. One file is written, and what is to be run
then is printed; nothing is started or stopped. The service's settings are in ~/.config/safelog/safelog.json (root: /etc/safelog.json), or
given to install behind --, as 'safelog serve' takes them. Of the environment, SAFELOG_… and XDG_… as they are now go into the file.

  install   writes the file; one that is there and has been changed is left alone, unless --force is given: then it is kept as FILE.old
  status    tells whether it is there, and which service answers
  remove    deletes the file, and what starts it at each login or boot

Options:
  --system      for the whole machine, run by root, which writes for each user as that user; logs are in ${SYSTEM_ROOT}
  --for SYSTEM  systemd or launchd    [that of this machine]
  --dry-run     print the file, or what would be removed; change nothing
  --force       also a file that was changed, or that something else has written
  --help        this text

On Windows, have the Task Scheduler do it:  schtasks /create /tn Safelog /sc onlogon /tr "safelog serve"

Exit code: 0, 1 where it did not work (status: where it is not installed), 2 on bad usage.
`;

interface Place extends Omit<ServiceFile, 'command' | 'environment'> {
  kind: 'systemd' | 'launchd';
  path: string;
}

const say = (text: string): void => {
  process.stdout.write(`${printable(text)}\n`);
};
const complain = (text: string): void => {
  process.stderr.write(`safelog service: ${printable(text)}\n`);
};

export async function run(args: string[]): Promise<number> {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const { values, positionals } = parseArgs({
    args: args.slice(0, end),
    allowPositionals: true,
    options: {
      system: { type: 'boolean', default: false },
      for: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
    },
  });
  const [action, ...more] = positionals;
  if (action === undefined || more.length > 0) throw new UsageError('one of install, status, remove');
  const kind = values.for ?? { linux: 'systemd', darwin: 'launchd' }[process.platform as string];
  if (kind === undefined) throw new UsageError('this system has neither systemd nor launchd: see --help');
  if (kind !== 'systemd' && kind !== 'launchd') throw new UsageError(`--for: ${JSON.stringify(kind)} is not systemd or launchd`);
  const place: Place = { kind, isSystem: values.system, path: pathOf(kind, values.system) };
  const isDry = values['dry-run'];
  switch (action) {
    case 'install':
      return install(place, args.slice(end + 1), isDry, values.force);
    case 'status':
      return status(place);
    case 'remove':
      return remove(place, isDry, values.force);
    default:
      throw new UsageError(`${JSON.stringify(action)} is not install, status or remove`);
  }
}

function pathOf(kind: Place['kind'], isSystem: boolean): string {
  const home = process.env.HOME || homedir();
  if (kind === 'launchd') return join(isSystem ? '/Library/LaunchDaemons' : join(home, 'Library/LaunchAgents'), `${LAUNCHD_LABEL}.plist`);
  const config = process.env.XDG_CONFIG_HOME?.startsWith('/') ? process.env.XDG_CONFIG_HOME : join(home, '.config');
  return join(isSystem ? '/etc/systemd/system' : join(config, 'systemd/user'), 'safelog.service');
}

function install({ kind, isSystem, path }: Place, serveOptions: readonly string[], isDry: boolean, isForced: boolean): number {
  checkServeOptions(serveOptions);
  const script = realpathSync(process.argv[1] ?? '');
  const file: ServiceFile = { command: [process.execPath, script, 'serve', ...serveOptions], environment: environment(isSystem), isSystem };
  const content = kind === 'systemd' ? systemdUnit(file) : launchdPlist(file);
  if (isDry) {
    process.stdout.write(content);
    return 0;
  }
  const there = read(path);
  if (there === content) say(`${path} is there already`);
  else if (there !== null && !isForced) {
    complain(
      `${path} is there and is another one. --dry-run prints what would be written; --force writes it, and keeps the other as ${path}.old`,
    );
    return 1;
  } else {
    makeFolder(dirname(path));
    if (there !== null) {
      renameSync(path, `${path}.old`);
      say(`kept ${path}.old`);
    }
    writeFileSync(path, content, { flag: 'wx', mode: 0o644 });
    say(`wrote ${path}`);
  }
  if (isSystem && !lstatSync(SYSTEM_ROOT, { throwIfNoEntry: false })) {
    makeFolder(SYSTEM_ROOT);
    say(`made ${SYSTEM_ROOT}`);
  }
  if (/[\\/]_npx[\\/]/.test(script)) say(`npx may delete ${script} some day: install the package, and call this from there`);
  say('');
  say(`To start it now and at each ${isSystem ? 'boot' : 'login'}:`);
  for (const line of startCommands(kind, isSystem, path)) say(`  ${line}`);
  if (kind === 'systemd' && !isSystem) say('It ends with your last session, unless you say: loginctl enable-linger');
  return 0;
}

/** The system would start it again and again with what it does not understand. It does so in another folder. */
function checkServeOptions(args: readonly string[]): void {
  try {
    const { given, file, writeFor } = parseServe([...args]);
    if (writeFor !== undefined) throw new UsageError('--write-for is for the service itself');
    const { root, socket, lockFileDirectory } = given;
    for (const path of [root, socket === '-' ? undefined : socket, lockFileDirectory, file])
      if (path !== undefined && !isAbsolute(String(path))) throw new UsageError(`${JSON.stringify(path)} is not an absolute path`);
    readConfig({ options: given, file: file ?? null });
  } catch (error) {
    if (isUsageError(error) || error instanceof ConfigError) throw new UsageError(`behind --: ${error.message}`);
    throw error;
  }
}

function startCommands(kind: Place['kind'], isSystem: boolean, path: string): string[] {
  if (kind === 'launchd') return [`launchctl bootstrap ${isSystem ? 'system' : 'gui/$(id -u)'} ${shellWord(path)}`];
  const systemctl = isSystem ? 'systemctl' : 'systemctl --user';
  return [`${systemctl} daemon-reload`, `${systemctl} enable --now safelog`];
}

async function status({ isSystem, path }: Place): Promise<number> {
  const there = read(path);
  say(there === null ? `not installed: there is no ${path}` : `installed: ${path}${there.includes(MARK) ? '' : ', not by safelog'}`);
  if (there !== null) for (const link of startLinks({ isSystem, path })) say(`starts at each ${isSystem ? 'boot' : 'login'}: ${link}`);
  const answer = await askFirst(isSystem ? [SYSTEM_SOCKET] : socketsToAsk(), (socket) => say(`no service answers at ${socket}`));
  if (answer !== null) {
    const { pid, root }: { pid?: unknown; root?: unknown } = JSON.parse(answer);
    say(`a service answers: process ${pid}, root ${root} ('safelog status' tells more)`);
  }
  return there === null ? 1 : 0;
}

function remove({ kind, isSystem, path }: Place, isDry: boolean, isForced: boolean): number {
  const there = read(path);
  if (there === null) {
    say(`there is no ${path}`);
    return 0;
  }
  if (!there.includes(MARK) && !isForced) {
    complain(`${path} was not written by safelog; --force removes it all the same`);
    return 1;
  }
  for (const doomed of [...startLinks({ isSystem, path }), path]) {
    if (!isDry) rmSync(doomed);
    say(`${isDry ? 'would remove' : 'removed'} ${doomed}`);
  }
  say('');
  say('To stop it now:');
  const systemctl = isSystem ? 'systemctl' : 'systemctl --user';
  if (kind === 'launchd') say(`  launchctl bootout ${isSystem ? 'system' : 'gui/$(id -u)'}/${LAUNCHD_LABEL}`);
  else for (const line of ['stop safelog', 'daemon-reload']) say(`  ${systemctl} ${line}`);
  say('The logs, and the settings of the service, stay where they are.');
  return 0;
}

/** What `systemctl enable` has made. */
function startLinks({ isSystem, path }: Pick<Place, 'isSystem' | 'path'>): string[] {
  const link = join(dirname(path), `${isSystem ? 'multi-user' : 'default'}.target.wants`, 'safelog.service');
  try {
    readlinkSync(link);
    return [link];
  } catch {
    return [];
  }
}

/** What decides on root, socket and names of users, as far as it is set now. */
function environment(isSystem: boolean): Record<string, string> {
  const isWanted = (name: string): boolean => /^SAFELOG_[A-Z_]+$/.test(name) || (!isSystem && /^XDG_(STATE|CONFIG)_HOME$/.test(name));
  const found = Object.entries(process.env).filter((entry): entry is [string, string] => isWanted(entry[0]) && Boolean(entry[1]));
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function shellWord(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
