/** The names that configurations may use without further ado: Python's, concurrent-log-handler's, and this package's own. */

import { BufferingFormatter } from '../bufferingFormatter.ts';
import { ConcurrentRotatingFileHandler } from '../concurrentRotatingFileHandler.ts';
import { ConcurrentTimedRotatingFileHandler } from '../concurrentTimedRotatingFileHandler.ts';
import * as ports from '../constants.ts';
import { DatagramHandler } from '../datagramHandler.ts';
import { FileHandler } from '../fileHandler.ts';
import { Filter } from '../filter.ts';
import { Formatter } from '../formatter.ts';
import { HTTPHandler } from '../httpHandler.ts';
import * as levels from '../levels.ts';
import { LogQueue } from '../logQueue.ts';
import { MemoryHandler } from '../memoryHandler.ts';
import { NTEventLogHandler } from '../ntEventLogHandler.ts';
import { NullHandler } from '../nullHandler.ts';
import { QueueHandler } from '../queueHandler.ts';
import { QueueListener } from '../queueListener.ts';
import { RotatingFileHandler } from '../rotatingFileHandler.ts';
import { SafelogHandler } from '../safelogHandler.ts';
import { SMTPHandler } from '../smtpHandler.ts';
import { SocketHandler } from '../socketHandler.ts';
import { StreamHandler } from '../streamHandler.ts';
import { facilityNames, priorityNames, SYSLOG_TCP_PORT, SYSLOG_UDP_PORT } from '../sysLogCodes.ts';
import { SysLogHandler } from '../sysLogHandler.ts';
import { TimedRotatingFileHandler } from '../timedRotatingFileHandler.ts';
import { WatchedFileHandler } from '../watchedFileHandler.ts';
import { addBuiltIn } from './names.ts';

const classes = {
  BufferingFormatter,
  ConcurrentRotatingFileHandler,
  ConcurrentTimedRotatingFileHandler,
  DatagramHandler,
  FileHandler,
  Filter,
  Formatter,
  HTTPHandler,
  LogQueue,
  MemoryHandler,
  NTEventLogHandler,
  NullHandler,
  QueueHandler,
  QueueListener,
  RotatingFileHandler,
  SMTPHandler,
  SafelogHandler,
  SocketHandler,
  StreamHandler,
  SysLogHandler,
  TimedRotatingFileHandler,
  WatchedFileHandler,
};
const { DEBUG, INFO, WARNING, WARN, ERROR, CRITICAL, FATAL, NOTSET } = levels;
const constants = { ...ports, SYSLOG_TCP_PORT, SYSLOG_UDP_PORT, DEBUG, INFO, WARNING, WARN, ERROR, CRITICAL, FATAL, NOTSET };

for (const [name, value] of Object.entries({ ...classes, ...constants })) addBuiltIn(name, () => value);
// Python's are attributes of the class: `handlers.SysLogHandler.LOG_LOCAL0`.
for (const [name, value] of [...Object.entries(facilityNames), ...Object.entries(priorityNames)]) {
  addBuiltIn(`SysLogHandler.LOG_${name.replace('solaris-cron', 'solcron').toUpperCase()}`, () => value);
}
// Another program may have taken the place of Node's streams when the name is used.
addBuiltIn('sys.stdout', () => process.stdout);
addBuiltIn('sys.stderr', () => process.stderr);
addBuiltIn('sys.__stdout__', () => process.stdout);
addBuiltIn('sys.__stderr__', () => process.stderr);
addBuiltIn('queue.Queue', () => LogQueue);
addBuiltIn('socket.SOCK_STREAM', () => 'stream');
addBuiltIn('socket.SOCK_DGRAM', () => 'dgram');
