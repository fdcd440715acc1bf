// Node 20.19 or newer. The service takes the entries in where it runs; else they are written into the log tree's files.
// This is the copy of the package "safelog" within the extension.
import { getLog } from '{{package}}';

process.env.SAFELOG_ROOT ??= '{{root}}';
const log = getLog('hello');

log.info('Hello from Node {}', process.version);
log.error('This one failed, only to show its stack', new Error('nothing is wrong'));
