/** A service for tests, which is killed and started again: serviceProgram ROOT SOCKET [PORT]. Says `ready PORT` when it listens. */

import { startService } from '../../server/src/service/service.ts';

const [, , root = '', socket = '', port] = process.argv;
const service = await startService({
  root,
  socket: socket === '-' ? null : socket,
  port: port === undefined ? null : Number(port),
  onProblem: (problem) => console.error(JSON.stringify(problem)),
});
console.log(`ready ${service.address.port}`);
process.on('SIGTERM', () => void service.stop());
