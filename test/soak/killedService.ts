/** A service that is to be killed: killedService JSON-of-its-options. Says `ready` when it listens. */

import { type ServiceOptions, startService } from '../../server/src/service/service.ts';

const options: ServiceOptions = JSON.parse(process.argv[2] ?? '');
const service = await startService({ port: null, onProblem: (problem) => console.error(JSON.stringify(problem)), ...options });
console.log('ready');
process.on('SIGTERM', () => void service.stop());
