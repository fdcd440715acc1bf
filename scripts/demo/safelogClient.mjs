// A small client of the Safelog protocol: two connections per entry, one for the module's log and one for master.log, as the original makes.

import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const { SAFELOG_HOST: host = '127.0.0.1', SAFELOG_PORT: port = '8534' } = process.env;

/**
 * @param {string} user Whose log it is.
 * @param {string} module Its name, without `.log`.
 */
export function getLog(user, module) {
  const file = `${module}.log`;
  /** @param {string} level */
  const at = (level) => async (/** @type {string} */ text) => {
    await send(user, file, `${level} ${text}`);
    await send(user, 'master.log', `${file} ${level} ${text}`);
  };
  return {
    debug: at('DEBUG'),
    info: at('INFO'),
    warning: at('WARNING'),
    error: at('ERROR'),
    /** Safelog writes tracebacks at level DEBUG. */
    exception: (/** @type {unknown} */ error) => at('DEBUG')(`${error instanceof Error ? describe(error) : error}\n`),
  };
}

/** @param {Error} error @returns {string} Its stack, and that of its cause. */
function describe(error) {
  return `${error.stack}${error.cause instanceof Error ? `\nCaused by: ${describe(error.cause)}` : ''}`;
}

/** UTC with microseconds, as the original client writes it: without the fraction where that is 0. */
function timestamp() {
  const micros = Math.round((performance.timeOrigin + performance.now()) * 1000);
  const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19).replace('T', ' ');
  const fraction = micros % 1_000_000;
  return `${seconds}${fraction > 0 ? `.${String(fraction).padStart(6, '0')}` : ''}+00:00`;
}

/**
 * @param {string} user
 * @param {string} file
 * @param {string} text
 * @returns {Promise<void>} when all is sent. As with the original, an entry that finds no service is lost.
 */
function send(user, file, text) {
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => socket.end(`${user}\x01${file}\x01${timestamp()} ${text}\n`));
    socket.once('error', () => resolve());
    socket.once('close', () => resolve());
    socket.resume();
  });
}

/**
 * Goes through the lines again and again, one about every `pace` ms.
 * @template T
 * @param {readonly T[]} lines
 * @param {number} pace
 * @param {(line: T, round: number) => Promise<void> | void} act
 */
export async function forEver(lines, pace, act) {
  for (let round = 1; ; round += 1) {
    for (const line of lines) {
      await act(line, round);
      await delay(pace * (0.5 + Math.random()));
    }
  }
}
