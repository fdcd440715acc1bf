// Starting and ending other programs so that nothing is left behind: each long-running one leads a process group of its own.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Ends what still runs when this process ends, however that comes.
 * @type {Set<() => void>}
 */
const endings = new Set();
process.once('exit', () => {
  for (const end of endings) end();
});

/**
 * Runs a program to its end and gives what it printed (stdout and stderr together).
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, inherit?: boolean }} [options] `inherit`: its output goes to ours instead.
 * @returns {Promise<string>}
 * @throws {Error} when it cannot be started or ends with anything but 0; the message holds its last lines.
 */
export function run(command, args, { cwd, env = process.env, inherit = false } = {}) {
  return new Promise((resolve, reject) => {
    const output = inherit ? 'inherit' : 'pipe';
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', output, output] });
    const end = () => child.kill();
    endings.add(end);
    child.once('close', () => endings.delete(end));
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (/** @type {Buffer} */ chunk) => {
        text += chunk.toString();
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}\n${text.split('\n').slice(-60).join('\n')}`.trim()));
    });
  });
}

/** A long-running program, and everything that it starts in its group. */
export class Group {
  /** The end of what it printed, for error messages. */
  output = '';
  /** @type {string | null} How it ended, in words; null while it runs. */
  ended = null;
  /** @type {() => void} */
  #kill;

  /**
   * @param {string} name What it is called in messages.
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onOutput?: (text: string) => void }} [options]
   */
  constructor(name, command, args, { cwd, env = process.env, onOutput = () => {} } = {}) {
    this.name = name;
    this.child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#kill = () => signalGroup(this.child.pid, 'SIGKILL');
    endings.add(this.#kill);
    this.child.once('error', (error) => {
      this.ended = error.message;
    });
    this.child.once('exit', (code, signal) => {
      this.ended = signal ?? `exit code ${code}`;
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ chunk) => {
        const text = chunk.toString();
        this.output = (this.output + text).slice(-20_000);
        onOutput(text);
      });
    }
  }

  /**
   * Resolves with what `look` gives as soon as that is not undefined.
   * @template T
   * @param {string} what For the error.
   * @param {() => T | undefined | Promise<T | undefined>} look
   * @param {number} limit ms
   * @returns {Promise<T>}
   * @throws {Error} when the program ends first or the limit passes; with its output.
   */
  async until(what, look, limit = 60_000) {
    const deadline = Date.now() + limit;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.ended !== null) throw new Error(`${this.name} ended (${this.ended}) before ${what}.\n${this.output}`);
      if (Date.now() > deadline) throw new Error(`${this.name}: no ${what} within ${limit / 1000} s.\n${this.output}`);
      await delay(50);
    }
  }

  /** Ends the whole group: SIGTERM, and SIGKILL to what is still there after `grace` ms. */
  async stop(grace = 5_000) {
    const { pid } = this.child;
    if (pid === undefined) return;
    for (const [signal, limit] of /** @type {const} */ ([
      ['SIGTERM', grace],
      ['SIGKILL', 2_000],
    ])) {
      signalGroup(pid, signal);
      for (const deadline = Date.now() + limit; groupLives(pid) && Date.now() < deadline; ) await delay(20);
    }
    endings.delete(this.#kill);
  }
}

/**
 * @param {number | undefined} group
 * @param {NodeJS.Signals} signal
 */
function signalGroup(group, signal) {
  if (group === undefined) return;
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody is in the group any more.
  }
}

/**
 * Whether any process of the group is alive (one that has ended and only waits for its parent to notice is not).
 * @param {number} group
 */
export function groupLives(group) {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || processes().some((each) => each.group === group && each.state !== 'Z');
}

/** Every process of a Linux machine, from /proc. */
export function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state = '', parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(pid), state, parent: Number(parent), group: Number(group), command }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}
