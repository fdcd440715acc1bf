// JSON lines over TCP, as pino and others write them.

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const socket = connect(Number(process.env.JSON_PORT), '127.0.0.1');
// An entry that finds no service is lost.
socket.on('error', () => process.exit());

for (let receipt = 1; ; receipt++) {
  const total = Math.round(Math.random() * 9000) / 100;
  const isLarge = total > 80;
  const record = { level: isLarge ? 40 : 30, time: Date.now(), pid: process.pid, name: 'tills', till: 1 + (receipt % 3), total };
  socket.write(`${JSON.stringify({ ...record, msg: isLarge ? `receipt ${receipt}: please count twice` : `receipt ${receipt}` })}\n`);
  await sleep(900 + Math.random() * 1500);
}
