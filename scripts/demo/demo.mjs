// A Safelog service on a tree, and programs of several kinds that log to it, all at once.

import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Group } from '../processes.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const command = join(here, '../../server/bin/safelog.js');

/** Of other loggers' protocols; a program finds their ports in its environment: PYTHON_TCP_PORT … */
const receivers = ['python-tcp', 'syslog', 'json'];

/** Each is a program of this folder with its arguments. */
const programs = [
  ['shop.mjs'],
  ['weather.mjs', 'Zürich'],
  ['weather.mjs', 'Reykjavík'],
  ['weather.mjs', '東京'],
  ['orders.mjs'],
  ['reports.py'],
  ['sensors.py'],
  ['parcels.py'],
  ['doors.py'],
  ['tills.mjs'],
  ['rotate.mjs'],
];

/**
 * @param {string} root The tree; made when it is not there.
 * @param {{ say: (line: string) => void, ended: (reason: string) => void }} options  `ended` is told when the service ends
 * by itself.
 * @returns {Promise<{ stop: () => Promise<void> }>} when the service listens and the programs have been started.
 * @throws {Error} with the service's output, when it does not come up.
 */
export async function startDemo(root, { say, ended }) {
  await mkdir(root, { recursive: true });
  const service = new Group('The Safelog service', process.execPath, [
    command,
    'serve',
    '--root',
    root,
    '--port',
    '0',
    '--socket',
    '-',
    '--identity',
    'off',
    ...receivers.flatMap((name) => [`--${name}`, '0']),
  ]);
  /** @type {Group[]} */
  const running = [];
  let stopping = false;
  const stop = async () => {
    stopping = true;
    await Promise.all(running.map((program) => program.stop()));
    await service.stop();
  };
  try {
    const [, host = '', port = ''] = await service.until(
      'listening',
      () => /^listening on (.+):(\d+), root /m.exec(service.output) ?? undefined,
    );
    service.child.once('exit', () => stopping || ended(`The Safelog service has ended.\n${service.output}`));
    say(`The Safelog service listens on ${host}:${port}.`);
    /** @type {Record<string, string>} */
    const ports = {};
    for (const name of receivers) {
      const listens = new RegExp(`^listening on .+:(\\d+) \\(${name}\\)$`, 'm');
      const [, own = ''] = await service.until('listening', () => listens.exec(service.output) ?? undefined);
      ports[`${name.toUpperCase().replace('-', '_')}_PORT`] = own;
    }
    const env = { ...process.env, ...ports, SAFELOG_ROOT: root, SAFELOG_HOST: host, SAFELOG_PORT: port, PYTHONDONTWRITEBYTECODE: '1' };
    const python = findPython();
    if (python === undefined) say('There is no python3 here: the demo goes without its Python programs.');
    for (const [file = '', ...args] of programs) {
      const interpreter = file.endsWith('.py') ? python : process.execPath;
      if (interpreter === undefined) continue;
      const program = new Group(file, interpreter, [join(here, file), ...args], { env });
      program.child.once('exit', () => stopping || say(`The demo program ${file} has ended (${program.ended}).\n${program.output}`));
      running.push(program);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

function findPython() {
  for (const name of ['python3', '/usr/bin/python3']) {
    try {
      execFileSync(name, ['-c', 'import logging, sys; sys.exit(sys.version_info < (3, 8))'], { stdio: 'ignore' });
      return name;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
