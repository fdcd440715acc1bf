/** A service that very many connect to: connectionsService JSON-of-its-options. Says its port when it listens. */

import { type ServiceOptions, startService } from '../../server/src/service/service.ts';

const options: ServiceOptions = JSON.parse(process.argv[2] ?? '');
const service = await startService({ port: 0, ...options });
console.log(service.address.port);
process.on('SIGTERM', () => void service.stop());
