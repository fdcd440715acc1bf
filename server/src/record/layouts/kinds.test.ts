/** Logs of many kinds of programs, as their documentation shows them or as the programs wrote them: detected, and each record told apart. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HeadReader } from '../layout.ts';
import { readRecords } from '../testing/readRecords.ts';

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'UTC';
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const T = '2026-11-20T22:56:00Z';
const MS = '2026-11-20T22:56:00.406Z';

const kinds: readonly (readonly [name: string, lines: readonly string[], records: readonly string[]])[] = [
  [
    'logback with a thread, and a Java trace',
    [
      '2026-11-20 22:56:00,406 [pool-1 thread-2] INFO  c.example.App - started at 2020-01-01 00:00:00,000',
      '2026-11-20 22:56:00.406 [main] ERROR c.example.App - failed',
      'java.lang.IllegalStateException: boom',
      '\tat c.example.App.main(App.java:12)',
      '2026-11-20 22:56:00,406 [main] DEBUG c.example.App - done',
    ],
    [
      `${MS}|INFO|c.example.App - started at 2020-01-01 00:00:00,000`,
      `${MS}|ERROR|c.example.App - failed⏎java.lang.IllegalStateException: boom⏎\tat c.example.App.main(App.java:12)`,
      `${MS}|DEBUG|c.example.App - done`,
    ],
  ],
  [
    'Spring Boot',
    [
      '2026-11-20T23:56:00.406+01:00  INFO 4711 --- [           main] c.example.App   : Starting',
      '2026-11-20T23:56:00.406+01:00  WARN 4711 --- [           main] c.example.App   : Slow',
    ],
    [`${MS}|INFO|4711 --- [           main] c.example.App   : Starting`, `${MS}|WARNING|4711 --- [           main] c.example.App   : Slow`],
  ],
  [
    'ZooKeeper (log4j)',
    ['2026-11-20 22:56:00,406 - INFO  [main:QuorumPeer@913] - LOOKING', '2026-11-20 22:56:00,406 - WARN  [main:Q@1] - Cannot open'],
    [`${MS}|INFO|[main:QuorumPeer@913] - LOOKING`, `${MS}|WARNING|[main:Q@1] - Cannot open`],
  ],
  [
    'Elasticsearch',
    ['[2026-11-20T22:56:00,406][INFO ][o.e.n.Node] [n1] starting', '[2026-11-20T22:56:00,406][WARN ][o.e.n.Node] [n1] slow'],
    [`${MS}|INFO|[o.e.n.Node] [n1] starting`, `${MS}|WARNING|[o.e.n.Node] [n1] slow`],
  ],
  [
    'Spark',
    ['26/11/20 22:56:00 INFO SparkContext: Running', '26/11/20 22:56:00 WARN Utils: Your hostname'],
    [`${T}|INFO|SparkContext: Running`, `${T}|WARNING|Utils: Your hostname`],
  ],
  [
    'HDFS',
    ['261120 225600 148 INFO dfs.DataNode: Receiving', '261120 225600 149 ERROR dfs.DataNode: Failed'],
    [`${T}|INFO|dfs.DataNode: Receiving`, `${T}|ERROR|dfs.DataNode: Failed`],
  ],
  [
    'Tomcat',
    ['20-Nov-2026 22:56:00.406 INFO [main] o.a.c.Server start', '20-Nov-2026 22:56:00.406 SEVERE [main] o.a.c.Server failed'],
    [`${MS}|INFO|[main] o.a.c.Server start`, `${MS}|ERROR|[main] o.a.c.Server failed`],
  ],
  [
    'java.util.logging',
    ['Nov 20, 2026 10:56:00 PM c.example.App main', 'INFO: started', 'Nov 20, 2026 10:56:00 PM c.example.App main', 'SEVERE: failed'],
    [`${T}|INFO|c.example.App main⏎INFO: started`, `${T}|ERROR|c.example.App main⏎SEVERE: failed`],
  ],
  [
    "Jenkins' before 2.1, and a record without a level",
    [
      'Nov 20, 2026 10:56:00 PM jenkins.InitReactorRunner$1 onAttained',
      'WARNING: Prepared',
      'INFO: more',
      'Nov 20, 2026 10:56:00 PM x',
      'done: x',
    ],
    [`${T}|WARNING|jenkins.InitReactorRunner$1 onAttained⏎WARNING: Prepared⏎INFO: more`, `${T}|-|x⏎done: x`],
  ],
  [
    'RabbitMQ',
    [
      '2026-11-20 22:56:00.406000+00:00 [info] <0.222.0> Starting RabbitMQ 3.13',
      '2026-11-20 22:56:00.406000+00:00 [warning] <0.9.0> ',
      '2026-11-20 22:56:00.406000+00:00 [error] <0.222.0> Error on AMQP connection <0.1.0>',
    ],
    [`${MS}|INFO|Starting RabbitMQ 3.13`, `${MS}|WARNING|`, `${MS}|ERROR|Error on AMQP connection <0.1.0>`],
  ],
  [
    'a log of our own whose messages begin with brackets',
    ['2026-11-20 22:56:00.406000+00:00 [info] <0.222.0> x', '2026-11-20 22:56:00.406000+00:00 INFO [info] <b> y'],
    [`${MS}|-|[info] <0.222.0> x`, `${MS}|INFO|[info] <b> y`],
  ],
  [
    'Serilog',
    [
      '2026-11-20 23:56:00.406 +01:00 [INF] Started',
      '2026-11-20 23:56:00.406 +01:00 [WRN] Slow',
      'System.Exception: boom',
      '   at App.Main()',
    ],
    [`${MS}|INFO|Started`, `${MS}|WARNING|Slow⏎System.Exception: boom⏎   at App.Main()`],
  ],
  [
    'NLog',
    ['2026-11-20 22:56:00.4060|INFO|App|Started', '2026-11-20 22:56:00.4060|ERROR|App|Failed'],
    [`${MS}|INFO|App|Started`, `${MS}|ERROR|App|Failed`],
  ],
  [
    'Go (log)',
    ['2026/11/20 22:56:00 listening on :80', '2026/11/20 22:56:00.406000 main.go:12: INFO is a word', 'goroutine 1 [running]:'],
    [`${T}|-|listening on :80`, `${MS}|-|main.go:12: INFO is a word⏎goroutine 1 [running]:`],
  ],
  [
    'Rust (env_logger)',
    ['[2026-11-20T22:56:00Z INFO  app::db] connected', '[2026-11-20T22:56:00Z ERROR app] failed'],
    [`${T}|INFO|connected`, `${T}|ERROR|failed`],
  ],
  [
    'Rust (tracing)',
    ['2026-11-20T22:56:00.406000Z  INFO app::db: connected', '2026-11-20T22:56:00.406000Z ERROR app: failed'],
    [`${MS}|INFO|app::db: connected`, `${MS}|ERROR|app: failed`],
  ],
  [
    'glog',
    ['I1120 22:56:00.406000 123 file.cc:1] started', 'E1120 22:56:00.406000 123 file.cc:2] failed', 'second line'],
    [`${MS}|INFO|started`, `${MS}|ERROR|failed⏎second line`],
  ],
  [
    'PostgreSQL',
    [
      '2026-11-20 22:56:00.406 UTC [4711] LOG:  started',
      '2026-11-20 22:56:00.406 UTC [4712] ERROR:  relation "x"',
      '2026-11-20 22:56:00.406 UTC [4712] STATEMENT:  SELECT 1',
    ],
    [`${MS}|INFO| started`, `${MS}|ERROR| relation "x"`, `${MS}|INFO| SELECT 1`],
  ],
  [
    'MySQL',
    [
      '2026-11-20T22:56:00.406000Z 0 [System] [MY-010116] [Server] starting',
      '2026-11-20T22:56:00.406000Z 0 [Warning] [MY-010068] [Server] CA',
    ],
    [`${MS}|INFO|[MY-010116] [Server] starting`, `${MS}|WARNING|[MY-010068] [Server] CA`],
  ],
  [
    'Ruby',
    ['I, [2026-11-20T22:56:00.406000 #4711]  INFO -- : started', 'E, [2026-11-20T22:56:00.406000 #4711] ERROR -- : failed'],
    [`${MS}|INFO|started`, `${MS}|ERROR|failed`],
  ],
  [
    'Monolog',
    ['[2026-11-20T22:56:00.406000+00:00] app.INFO: started [] []', '[2026-11-20T22:56:00.406000+00:00] app.ERROR: failed [] []'],
    [`${MS}|INFO|started [] []`, `${MS}|ERROR|failed [] []`],
  ],
  [
    'logcat',
    ['11-20 22:56:00.406  1702  2395 D WindowManager: text', '11-20 22:56:00.406  1702  2395 E AndroidRuntime: boom'],
    [`${MS}|DEBUG|WindowManager: text`, `${MS}|ERROR|AndroidRuntime: boom`],
  ],
  [
    'nginx error log',
    ['2026/11/20 22:56:00 [error] 123#123: *1 open() failed', '2026/11/20 22:56:00 [notice] 1#1: start'],
    [`${T}|ERROR|123#123: *1 open() failed`, `${T}|INFO|1#1: start`],
  ],
  [
    'Apache error log',
    [
      '[Fri Nov 20 22:56:00.406000 2026] [core:error] [pid 1:tid 2] AH00126: Invalid',
      '[Fri Nov 20 22:56:00.406000 2026] [mpm_event:notice] [pid 1:tid 2] AH00489: Apache',
    ],
    [`${MS}|ERROR|[pid 1:tid 2] AH00126: Invalid`, `${MS}|INFO|[pid 1:tid 2] AH00489: Apache`],
  ],
  [
    'Apache 2.2 error log',
    ['[Fri Nov 20 22:56:00 2026] [error] [client 192.0.2.1] File', '[Fri Nov 20 22:56:00 2026] [notice] Apache'],
    [`${T}|ERROR|[client 192.0.2.1] File`, `${T}|INFO|Apache`],
  ],
  [
    'access log (combined)',
    [
      '192.0.2.1 - - [20/Nov/2026:23:56:00 +0100] "GET / HTTP/1.1" 200 12 "-" "curl \\"8\\""',
      '192.0.2.1 - bob [20/Nov/2026:23:56:00 +0100] "GET /x HTTP/1.1" 404 0 "-" "-"',
      '2001:db8::1 - - [20/Nov/2026:23:56:00 +0100] "POST /\\" HTTP/1.1" 503 0',
      '192.0.2.1 - - [20/Nov/2026:23:56:00 +0100] "-" 408 -',
    ],
    [
      `${T}|INFO|192.0.2.1 - - [20/Nov/2026:23:56:00 +0100] "GET / HTTP/1.1" 200 12 "-" "curl \\"8\\""`,
      `${T}|WARNING|192.0.2.1 - bob [20/Nov/2026:23:56:00 +0100] "GET /x HTTP/1.1" 404 0 "-" "-"`,
      `${T}|ERROR|2001:db8::1 - - [20/Nov/2026:23:56:00 +0100] "POST /\\" HTTP/1.1" 503 0`,
      `${T}|WARNING|192.0.2.1 - - [20/Nov/2026:23:56:00 +0100] "-" 408 -`,
    ],
  ],
  [
    'syslog (RFC 3164) in a file',
    ['Nov 20 22:56:00 host sshd[42]: Accepted', 'Nov  1 02:03:04 host kernel: [  0.1] up', 'Dec 24 18:00:00 host cron[1]: last year'],
    [`${T}|-|host sshd[42]: Accepted`, '2026-11-01T02:03:04Z|-|host kernel: [  0.1] up', '2025-12-24T18:00:00Z|-|host cron[1]: last year'],
  ],
  [
    'syslog with priorities (RFC 3164 and 5424)',
    [
      '<34>Nov 20 22:56:00 host su: failed',
      '<165>1 2026-11-20T22:56:00.406Z host app 4711 ID47 [x@1 a="b"] An event',
      '<11>1 2026-11-20T22:56:00.406Z host app - - - error',
      '<14>no stamp',
    ],
    [
      `${T}|CRITICAL|host su: failed`,
      `${MS}|INFO|host app 4711 ID47 [x@1 a="b"] An event`,
      `${MS}|ERROR|host app - - - error`,
      '-|INFO|no stamp',
    ],
  ],
  ['rsyslog (RFC 3339)', ['2026-11-20T23:56:00.406000+01:00 host sshd[42]: Accepted'], [`${MS}|-|host sshd[42]: Accepted`]],
  [
    'logfmt (slog)',
    [
      'time=2026-11-20T22:56:00.406Z level=INFO msg="request \\"done\\"" status=200',
      'time=2026-11-20T22:56:00.406Z level=ERROR msg=failed err="at 2020-01-01"',
    ],
    [`${MS}|INFO|request "done"`, `${MS}|ERROR|failed`],
  ],
  [
    'logfmt (logrus, go-kit)',
    [
      'ts=2026-11-20T22:56:00.406Z caller=main.go:12 level=warn msg="slow" n=1',
      'ts=2026-11-20T22:56:00.406Z caller=main.go:12 level=debug',
    ],
    [`${MS}|WARNING|slow`, `${MS}|DEBUG|ts=2026-11-20T22:56:00.406Z caller=main.go:12 level=debug`],
  ],
  [
    'structlog',
    ['{"user": "bob", "event": "logged in", "level": "info", "timestamp": "2026-11-20T22:56:00.406000Z"}'],
    [`${MS}|INFO|logged in`],
  ],
  [
    'zap',
    [
      '{"level":"info","ts":1795215360.406,"caller":"app/main.go:12","msg":"started"}',
      '{"level":"error","ts":1.795215360406e+09,"msg":"failed","stacktrace":"main.main\\n\\t/srv/main.go:12"}',
    ],
    [`${MS}|INFO|started`, `${MS}|ERROR|failed⏎main.main⏎\t/srv/main.go:12`],
  ],
  ['slog (JSON)', ['{"time":"2026-11-20T23:56:00.406+01:00","level":"DEBUG-4","msg":"fine"}'], [`${MS}|DEBUG|fine`]],
  ['zerolog', ['{"level":"warn","time":1795215360,"message":"slow"}'], [`${T}|WARNING|slow`]],
  [
    'ECS',
    [
      '{"@timestamp":"2026-11-20T22:56:00.406Z","log.level":"ERROR","message":"failed","error":{"type":"E","message":"inner","stack_trace":"E: inner\\n\\tat x"}}',
    ],
    [`${MS}|ERROR|failed⏎E: inner⏎\tat x`],
  ],
  [
    'ECS, nested',
    ['{"@timestamp":"2026-11-20T22:56:00.406Z","log":{"level":"WARN","logger":"x"},"message":"slow"}'],
    [`${MS}|WARNING|slow`],
  ],
  ['Serilog (compact)', ['{"@t":"2026-11-20T22:56:00.4060000Z","@m":"Started","@l":"Error"}'], [`${MS}|ERROR|Started`]],
  [
    'MongoDB',
    ['{"t":{"$date":"2026-11-20T22:56:00.406+00:00"},"s":"W","c":"NETWORK","msg":"slow","attr":{"msg":"x"}}'],
    [`${MS}|WARNING|slow`],
  ],
  ['journald (JSON)', ['{"__REALTIME_TIMESTAMP":"1795215360406000","PRIORITY":"3","MESSAGE":"failed"}'], [`${MS}|ERROR|failed`]],
  ['Docker', ['{"log":"listening\\n","stream":"stdout","time":"2026-11-20T22:56:00.406123456Z"}'], [`${MS}|-|listening⏎`]],
  [
    'tracing (JSON)',
    ['{"timestamp":"2026-11-20T22:56:00.406Z","level":"INFO","fields":{"message":"up"},"target":"app"}'],
    [`${MS}|INFO|up`],
  ],
  [
    'JSON without a time, and with lines that are none',
    ['{"level":"info","message":"a"}', 'plain text', '{"level":"error","message":"b"}'],
    ['-|INFO|a⏎plain text', '-|ERROR|b'],
  ],
  [
    'epoch seconds and ms',
    ['1795215360.406 INFO started', '1795215360406 WARNING slow', '1795215360 ERROR failed'],
    [`${MS}|INFO|started`, `${MS}|WARNING|slow`, `${T}|ERROR|failed`],
  ],
  ['Squid', ['1795215360.406    123 192.0.2.1 TCP_MISS/200 12 GET http://x/'], [`${MS}|-|   123 192.0.2.1 TCP_MISS/200 12 GET http://x/`]],
  ['PHP', ['[20-Nov-2026 22:56:00 UTC] PHP Warning:  x in /srv/a.php on line 3'], [`${T}|-|PHP Warning:  x in /srv/a.php on line 3`]],
  [
    "Python's cookbook (no year, no seconds)",
    [
      '11-20 22:56 web.db       INFO     text',
      '11-20 22:56 web.db       ERROR    failed',
      'Traceback (most recent call last):',
      'ZeroDivisionError: division by zero',
    ],
    [`${T}|INFO|text`, `${T}|ERROR|failed⏎Traceback (most recent call last):⏎ZeroDivisionError: division by zero`],
  ],
  ["Python's tutorial", ['11/20/2026 10:56:00 PM is when this event was logged.'], [`${T}|-|is when this event was logged.`]],
  [
    "Python's basicConfig",
    ['DEBUG:web.db:first', 'WARNING:web.db:two', 'lines', 'Level 35:web.db:custom', 'CRITICAL:web.db:'],
    ['-|DEBUG|first', '-|WARNING|two⏎lines', '-|Level 35|custom', '-|CRITICAL|'],
  ],
  ['days of both orders', ['20/11/2026 22:56:00 INFO a', '01/11/2026 22:56:00 INFO b'], [`${T}|INFO|a`, '2026-11-01T22:56:00Z|INFO|b']],
  [
    'a level that is not known, in a layout with others',
    ['20/Nov/2026 22:56:00 INFO a', ...Array(5).fill('20/Nov/2026 22:56:00 INFO c'), '20/Nov/2026 22:56:00 AUDIT b'],
    [`${T}|INFO|a`, ...Array(5).fill(`${T}|INFO|c`), `${T}|-|AUDIT b`],
  ],
  [
    'uvicorn',
    [
      'INFO:     Started server process [4711]',
      'INFO:     127.0.0.1:52144 - "GET / HTTP/1.1" 200 OK',
      'ERROR:    Exception in ASGI application',
      'ValueError: 2026-01-01 00:00:00',
    ],
    [
      '-|INFO|    Started server process [4711]',
      '-|INFO|    127.0.0.1:52144 - "GET / HTTP/1.1" 200 OK',
      '-|ERROR|   Exception in ASGI application⏎ValueError: 2026-01-01 00:00:00',
    ],
  ],
  [
    'gunicorn',
    ['[2026-11-20 22:56:00 +0000] [4711] [INFO] Starting', '[2026-11-20 22:56:00 +0000] [4711] [ERROR] Exception', 'ValueError: x'],
    [`${T}|INFO|Starting`, `${T}|ERROR|Exception⏎ValueError: x`],
  ],
  [
    "Django's server",
    ['[20/Nov/2026 22:56:00] "GET /admin/ HTTP/1.1" 302 0', '[20/Nov/2026 22:56:00] "GET /x HTTP/1.1" 404 179', 'Not Found: /x'],
    [`${T}|-|"GET /admin/ HTTP/1.1" 302 0`, `${T}|-|"GET /x HTTP/1.1" 404 179⏎Not Found: /x`],
  ],
  [
    'Rails',
    [
      'I, [2026-11-20T22:56:00.406000 #4711]  INFO -- : [abc] Started GET "/" at 2026-01-01 00:00:00 +0000',
      'F, [2026-11-20T22:56:00.406000 #4711] FATAL -- :   ',
      '[abc] ActionController::RoutingError',
    ],
    [`${MS}|INFO|[abc] Started GET "/" at 2026-01-01 00:00:00 +0000`, `${MS}|CRITICAL|  ⏎[abc] ActionController::RoutingError`],
  ],
  [
    'Celery',
    ['[2026-11-20 22:56:00,406: INFO/MainProcess] Connected', '[2026-11-20 22:56:00,406: ERROR/ForkPoolWorker-1] Task failed'],
    [`${MS}|INFO|Connected`, `${MS}|ERROR|Task failed`],
  ],
  [
    'Docker Compose',
    ['web-1  | 2026-11-20 22:56:00.406 INFO started', 'db-1   | 2026-11-20 22:56:00.406 UTC [1] LOG:  ready'],
    [`${MS}|-|web-1  | 2026-11-20 22:56:00.406 INFO started`, `${MS}|-|db-1   | 2026-11-20 22:56:00.406 UTC [1] LOG:  ready`],
  ],
  [
    'Docker Compose, with its own times',
    ['web-1  | 2026-11-20T22:56:00.406123456Z at 2026-01-01 00:00:00', 'db-1   | 2026-11-20T22:56:00.406123456Z ready'],
    [`${MS}|-|web-1  | 2026-11-20T22:56:00.406123456Z at 2026-01-01 00:00:00`, `${MS}|-|db-1   | 2026-11-20T22:56:00.406123456Z ready`],
  ],
  [
    "Kubernetes' containers (CRI)",
    ['2026-11-20T22:56:00.406123456Z stdout F INFO started', '2026-11-20T22:56:00.406123456Z stderr F ERROR failed'],
    [`${MS}|INFO|started`, `${MS}|ERROR|failed`],
  ],
  [
    "Kubernetes' containers (CRI), without levels",
    ['2026-11-20T22:56:00.406123456Z stdout F listening', '2026-11-20T22:56:00.406123456Z stderr F FINE is a word'],
    [`${MS}|-|listening`, `${MS}|-|FINE is a word`],
  ],
  [
    'klog',
    ['I1120 22:56:00.406000       1 main.go:12] "Starting" version="v1.2.3"', 'F1120 22:56:00.406000       1 main.go:13] dead'],
    [`${MS}|INFO|"Starting" version="v1.2.3"`, `${MS}|CRITICAL|dead`],
  ],
  [
    'Redis',
    ['4711:C 20 Nov 2026 22:56:00.406 * Redis is starting', '4711:M 20 Nov 2026 22:56:00.406 # WARNING overcommit_memory'],
    [`${MS}|-|* Redis is starting`, `${MS}|-|# WARNING overcommit_memory`],
  ],
  [
    'dpkg.log',
    ['2026-11-20 22:56:00 startup archives unpack', '2026-11-20 22:56:00 status installed libx:amd64 1.2'],
    [`${T}|-|startup archives unpack`, `${T}|-|status installed libx:amd64 1.2`],
  ],
  [
    'alternatives.log',
    ['update-alternatives 2026-11-20 22:56:00: run with --install /usr/bin/x', 'update-alternatives 2026-11-20 22:56:00: link group x'],
    [
      `${T}|-|update-alternatives 2026-11-20 22:56:00: run with --install /usr/bin/x`,
      `${T}|-|update-alternatives 2026-11-20 22:56:00: link group x`,
    ],
  ],
  [
    "apt's history",
    [
      'Start-Date: 2026-11-20  22:56:00',
      'Commandline: apt install x',
      'End-Date: 2026-11-20  22:56:05',
      '',
      'Start-Date: 2026-11-20  22:56:00',
      'Commandline: apt remove x',
      'End-Date: 2026-11-20  22:56:07',
    ],
    [
      `${T}|-|Start-Date: 2026-11-20  22:56:00⏎Commandline: apt install x⏎End-Date: 2026-11-20  22:56:05⏎`,
      `${T}|-|Start-Date: 2026-11-20  22:56:00⏎Commandline: apt remove x⏎End-Date: 2026-11-20  22:56:07`,
    ],
  ],
  [
    'kern.log',
    ['Nov 20 22:56:00 host kernel: [    0.000000] Linux version', 'Nov 20 22:56:00 host kernel: [    1.234567] usb 1-1: new'],
    [`${T}|-|host kernel: [    0.000000] Linux version`, `${T}|-|host kernel: [    1.234567] usb 1-1: new`],
  ],
  [
    'journalctl -o short-iso',
    ['2026-11-20T22:56:00+0000 host sshd[42]: Accepted', '2026-11-20T22:56:00+0000 host kernel: x'],
    [`${T}|-|host sshd[42]: Accepted`, `${T}|-|host kernel: x`],
  ],
  [
    'journalctl -o short-full',
    ['Fri 2026-11-20 22:56:00 UTC host sshd[42]: Accepted', 'Fri 2026-11-20 22:56:00 UTC host kernel: x'],
    [`${T}|-|host sshd[42]: Accepted`, `${T}|-|host kernel: x`],
  ],
  [
    'zap (console)',
    ['2026-11-20T22:56:00.406Z\tINFO\tapp/main.go:12\tstarted', '2026-11-20T22:56:00.406Z\tERROR\tapp/main.go:13\tfailed'],
    [`${MS}|INFO|app/main.go:12\tstarted`, `${MS}|ERROR|app/main.go:13\tfailed`],
  ],
  [
    'slog (text by default)',
    ['2026/11/20 22:56:00 INFO started n=1', '2026/11/20 22:56:00 ERROR failed'],
    [`${T}|INFO|started n=1`, `${T}|ERROR|failed`],
  ],
  [
    "ASP.NET's console",
    ['info: Microsoft.Hosting.Lifetime[14]', '      Now listening', 'fail: App[0]', '      boom'],
    ['-|INFO|Microsoft.Hosting.Lifetime[14]⏎      Now listening', '-|ERROR|App[0]⏎      boom'],
  ],
  [
    'loguru',
    ['2026-11-20 22:56:00.406 | INFO     | app:run:12 - started', '2026-11-20 22:56:00.406 | ERROR    | app:run:13 - failed'],
    [`${MS}|INFO|app:run:12 - started`, `${MS}|ERROR|app:run:13 - failed`],
  ],
  [
    'Kafka',
    ['[2026-11-20 22:56:00,406] INFO [KafkaServer id=0] started', '[2026-11-20 22:56:00,406] WARN slow (kafka)'],
    [`${MS}|INFO|[KafkaServer id=0] started`, `${MS}|WARNING|slow (kafka)`],
  ],
  [
    'Cassandra',
    ['INFO  [main] 2026-11-20 22:56:00,406 X.java:89 - Configuration', 'WARN  [main] 2026-11-20 22:56:00,406 X.java:1 - slow'],
    [`${MS}|INFO|X.java:89 - Configuration`, `${MS}|WARNING|X.java:1 - slow`],
  ],
  [
    'fail2ban',
    [
      '2026-11-20 22:56:00,406 fail2ban.filter [4711]: INFO    Found 192.0.2.1',
      '2026-11-20 22:56:00,406 fail2ban.x [4711]: ERROR   failed',
    ],
    [`${MS}|INFO|Found 192.0.2.1`, `${MS}|ERROR|failed`],
  ],
  [
    'Samba',
    ['[2026/11/20 22:56:00.406000,  0] ../source3/smbd/server.c:1(main)', '  smbd', '[2026/11/20 22:56:00.406000,  1] ../x.c:1(f)', '  y'],
    [`${MS}|-|../source3/smbd/server.c:1(main)⏎  smbd`, `${MS}|-|../x.c:1(f)⏎  y`],
  ],
  [
    'Erlang',
    [
      '=INFO REPORT==== 20-Nov-2026::22:56:00.406000 ===',
      'application: kernel',
      '=ERROR REPORT==== 20-Nov-2026::22:56:00.406000 ===',
      'boom',
    ],
    [`${MS}|INFO|⏎application: kernel`, `${MS}|ERROR|⏎boom`],
  ],
  [
    'Chromium',
    ['[4711:4711:1120/225600.406000:ERROR:gpu.cc(12)] failed', '[4711:4711:1120/225600.406000:INFO:x.cc(12)] ok'],
    [`${MS}|ERROR|failed`, `${MS}|INFO|ok`],
  ],
  [
    'audit.log',
    ['type=SYSCALL msg=audit(1795215360.406:123): arch=c000003e', 'type=LOGIN msg=audit(1795215360.406:124): pid=1'],
    [`${MS}|-|type=SYSCALL msg=audit(1795215360.406:123): arch=c000003e`, `${MS}|-|type=LOGIN msg=audit(1795215360.406:124): pid=1`],
  ],
  [
    'Envoy',
    ['[2026-11-20T22:56:00.406Z] "GET / HTTP/1.1" 200 - 0 12', '[2026-11-20T22:56:00.406Z] "GET /x HTTP/1.1" 503 - 0 12'],
    [`${MS}|-|"GET / HTTP/1.1" 200 - 0 12`, `${MS}|-|"GET /x HTTP/1.1" 503 - 0 12`],
  ],
];

describe('logs of many kinds', () => {
  test.each(kinds)('%s', (_name, lines, records) => {
    expect(readRecords(`${lines.join('\n')}\n`).records).toEqual(records);
  });

  test.each(kinds)('%s, a thousand times over', (_name, lines, records) => {
    expect(readRecords(`${lines.join('\r\n')}\r\n`.repeat(100)).records).toHaveLength(records.length * 100);
  });
});

describe('as the programs wrote them', () => {
  const read = (name: string) => readRecords(readFileSync(join(import.meta.dirname, '../../../../test/fixtures/layouts', name), 'utf8'));
  const summary = (records: readonly string[]) =>
    records.map((record) => record.slice(record.indexOf('|') + 1).replace(/⏎ {4}at .*/, '⏎…'));
  test('pino', () => {
    const { layout, records } = read('pino.log');
    expect(layout).toBe('json');
    expect(summary(records)).toEqual([
      'TRACE|first',
      'INFO|request "done"⏎second line',
      'WARNING|ünïcode',
      'ERROR|boom⏎Error: boom⏎…',
      'CRITICAL|saw 2020-01-01 00:00:00 INFO',
    ]);
    expect(records[0]).toMatch(/^2026-11-21T09:15:25\.497Z/);
  });
  test('winston', () => {
    expect(summary(read('winston.log').records)).toEqual(['TRACE|first', 'INFO|request', 'WARNING|w', 'ERROR|boom⏎Error: boom⏎…']);
  });
  test('bunyan', () => {
    expect(summary(read('bunyan.log').records)).toEqual([
      'TRACE|first',
      'INFO|request',
      'WARNING|w',
      'ERROR|failed⏎Error: boom⏎…',
      'CRITICAL|x',
    ]);
  });
});

describe('hostile lines', () => {
  test('cut at every byte, nothing throws or reads beyond its end', () => {
    for (const [, lines] of kinds) {
      const reader = new HeadReader(false);
      reader.detect(Buffer.from(`${lines.join('\n')}\n`));
      for (const line of lines) {
        const bytes = Buffer.from(`${line}\n${line}`);
        for (let end = 0; end <= line.length; end++) {
          if (!reader.read(bytes, 0, end)) continue;
          const { message, body, blockEnd } = reader.head;
          expect(Math.max(message, body, blockEnd), line.slice(0, end)).toBeLessThanOrEqual(end);
          expect(reader.text(bytes, end)).not.toContain('\n\n\n');
        }
      }
    }
  });

  test('any bytes behind a line of any kind', () => {
    const samples = kinds.map(([, lines]) => Buffer.from(`${lines.join('\n')}\n`));
    fc.assert(
      fc.property(fc.nat(samples.length - 1), fc.uint8Array({ maxLength: 200 }), fc.nat(300), (kind, noise, at) => {
        const sample = samples[kind] ?? Buffer.alloc(0);
        const cut = Math.min(at, sample.length);
        const bytes = Buffer.concat([sample.subarray(0, cut), noise, sample.subarray(cut)]);
        expect(() => readRecords(bytes.toString('latin1'))).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  test('a very long line is read in time that grows with its length', () => {
    for (const text of [
      '{"msg":"'.padEnd(2e6, 'x'),
      '{"a":{'.repeat(4e5),
      'a='.repeat(1e6),
      '<34>'.padEnd(2e6, '<'),
      '"'.repeat(2e6),
      '['.repeat(2e6),
    ]) {
      const begun = process.cpuUsage();
      readRecords(`${text}\n`.repeat(2));
      expect(process.cpuUsage(begun).user / 1000).toBeLessThan(2000);
    }
  });
});

test.each([
  JSON.stringify({ level: 'error', time: '2026-11-20T10:15:00Z', msg: 'boom\nTraceback (most recent call last):\n  File "/a.py", line 1' }),
  JSON.stringify({ level: 50, time: 1_795_000_000_000, msg: 'Error: x\n    at f (file.js:1:2)' }),
  'time=2026-11-20T10:15:00Z level=error msg="boom\\nTraceback (most recent call last):\\n  File \\"/a.py\\", line 1"',
])('a stack trace in a message is seen: %s', (line) => {
  const plain = line.replace('Traceback (most recent call last):', 'no trace').replace('    at f ', 'no');
  for (const [text, expected] of [
    [line, true],
    [plain, false],
  ] as const) {
    const bytes = Buffer.from(`${text}\n${text}\n`);
    const reader = new HeadReader(false);
    reader.detect(bytes);
    expect(reader.read(bytes, 0, bytes.indexOf(10))).toBe(true);
    expect(reader.head.trace).toBe(expected);
  }
});

test('levels that are filled up with blanks take none from the message', () => {
  const lines = ['INFO     hello', 'WARNING  hello', 'ERROR    hello', 'INFO       indented', 'no level'];
  const bytes = Buffer.from(lines.map((line) => `2026-11-20 10:15:00,123 ${line}\n`).join(''));
  const reader = new HeadReader(false);
  reader.detect(bytes);
  const messages = [];
  for (let start = 0; start < bytes.length; start = bytes.indexOf(10, start) + 1) {
    const end = bytes.indexOf(10, start);
    expect(reader.read(bytes, start, end)).toBe(true);
    messages.push(bytes.toString('utf8', reader.head.message, end));
  }
  expect(messages).toEqual(['hello', 'hello', 'hello', '  indented', 'no level']);
});

test('hours alone are no time, but levels are levels; unless a layout is given', () => {
  const text = '22:56:00.406 [main] INFO  App - x\n22:56:01.000 [main] INFO  App - y\n';
  expect(readRecords(text).layout).toBe('%(line)s%(asctime)s [%(name)s] %(levelname)s %(message)s;datefmt=%H:%M:%S');
  expect(readRecords(text, { layout: '%(asctime)s [%(threadName)s] %(levelname)-5s %(message)s;datefmt=%H:%M:%S' }).records).toEqual([
    `${MS}|INFO|App - x`,
    '2026-11-20T22:56:01Z|INFO|App - y',
  ]);
});
