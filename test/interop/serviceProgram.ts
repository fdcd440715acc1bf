/** A service for tests, which is killed and started again: serviceProgram ROOT SOCKET. Says `ready` when it listens. */

import { startService } from '../../server/src/service/service.ts';

const [, , root = '', socket = ''] = process.argv;
const service = await startService({ root, socket, port: null, onProblem: (problem) => console.error(JSON.stringify(problem)) });
console.log('ready');
process.on('SIGTERM', () => void service.stop());
