/** The `safelog` command: finds the sub-command, loads only that, and turns its end into an exit code. */

import { version } from '../../package.json';
import { type Command, isUsageError, printable, UsageError } from './usage.ts';

interface Entry {
  summary: string;
  load: () => Promise<Command>;
}

const commands = new Map<string, Entry>([
  ['serve', { summary: 'run the service: takes entries in and writes them to the tree', load: () => import('./serve.ts') }],
  ['cat', { summary: 'print the merged timeline, oldest first', load: () => import('./cat.ts') }],
  ['tail', { summary: 'print the newest entries, and follow', load: () => import('./tail.ts') }],
  ['stats', { summary: 'count records, levels and exceptions per user and module', load: () => import('./stats.ts') }],
  ['service', { summary: 'have the system start the service: install, status, remove', load: () => import('./service.ts') }],
  ['status', { summary: 'ask a running service what it does', load: () => import('./status.ts') }],
  ['log', { summary: 'log a text', load: () => import('./log.ts') }],
]);

function help(): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  const rows = [...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: safelog COMMAND [OPTION]…

Many programs, one log tree: ROOT/USER/MODULE.log, and a master.log per user with every entry in order.

Commands:
${rows.join('\n')}

'safelog COMMAND --help' tells more, 'safelog help query' of the query language. 'safelog --version' prints the version.

The root is $SAFELOG_ROOT, else /var/local/log where that is usable, else $XDG_STATE_HOME/safelog (~/.local/state/safelog).
Exit code: 0, 1 where something went wrong (or nothing was found), 2 on bad usage.
`;
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined) {
    process.stderr.write(help());
    return 2;
  }
  if (name === '--version' || name === '-V' || name === 'version') {
    process.stdout.write(`safelog ${version}\n`);
    return 0;
  }
  const wantsHelp = name === 'help' || name === '--help' || name === '-h';
  const wanted = wantsHelp ? args[0] : name;
  if (wanted === undefined) {
    process.stdout.write(help());
    return 0;
  }
  if (wantsHelp && wanted === 'query') {
    process.stdout.write((await import('../timeline/query/help.ts')).queryHelp);
    return 0;
  }
  const command = await commands.get(wanted)?.load();
  if (!command) {
    process.stderr.write(`safelog: no such command: ${printable(wanted)}\nTry 'safelog --help'.\n`);
    return 2;
  }
  const options = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined);
  if (wantsHelp || options.includes('--help') || options.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    // Those of parseArgs have several lines.
    const lines = (error instanceof Error ? error.message : String(error)).split('\n');
    const message = lines.map(printable).join(' ');
    if (!isUsageError(error)) {
      process.stderr.write(`safelog ${wanted}: ${message}\n`);
      return 1;
    }
    const detail = error instanceof UsageError ? error.detail.map((line) => `  ${printable(line)}\n`).join('') : '';
    process.stderr.write(`safelog ${wanted}: ${message}\n${detail}Try 'safelog ${wanted} --help'.\n`);
    return 2;
  }
}

// The reader of a pipe that has seen enough is no error; a service whose starter no longer listens goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    const isPipe = 'code' in error && error.code === 'EPIPE';
    if (isPipe && process.argv[2] === 'serve') return;
    // A full disk, say. Where stderr is the broken one, this goes nowhere.
    if (!isPipe) process.stderr.write(`safelog: cannot write: ${printable(error.message)}\n`);
    process.exit(isPipe ? 0 : 1);
  });
}

process.exitCode = await main(process.argv.slice(2));
