import { expect, test } from 'vitest';
import { formatsInConfig } from './loggingConfig.ts';

test('the sections of fileConfig', () => {
  const text = `[loggers]
keys=root

[formatter_simple]
format=%(asctime)s - %(name)s - %(levelname)s - %(message)s

[formatter_dated]
; as in the manual
format = F1 %(asctime)s %(levelname)s %(message)s
datefmt = %d/%b/%Y %H:%M:%S
class = logging.Formatter
[formatter_braces]
style: {
format: {asctime} {levelname} {message}
[formatter_unreadable]
format=%(asctime)s %(message)s
datefmt=%Q
[handler_x]
format=%(message)s
`;
  expect(formatsInConfig(text.replaceAll('\n', '\r\n'))).toEqual([
    '%(asctime)s - %(name)s - %(levelname)s - %(message)s',
    'F1 %(asctime)s %(levelname)s %(message)s;datefmt=%d/%b/%Y %H:%M:%S',
    '{asctime} {levelname} {message}',
  ]);
});

test('the formatters of dictConfig, wherever they stand', () => {
  const formatters = {
    brief: { format: '%(message)s' },
    precise: { format: '%(asctime)s %(levelname)s %(message)s', datefmt: '%Y-%m-%d %H:%M:%S' },
    own: { '()': 'my.package.make', fmt: '{asctime} {message}', style: '{' },
    odd: null,
    wrong: { format: 7 },
  };
  expect(formatsInConfig(JSON.stringify({ app: { logging: { version: 1, formatters } } }))).toEqual([
    '%(message)s',
    '%(asctime)s %(levelname)s %(message)s;datefmt=%Y-%m-%d %H:%M:%S',
    '{asctime} {message}',
  ]);
});

test('dictConfig as YAML', () => {
  const text = `version: 1
formatters:
  brief:
    format: "%(message)s"
  precise: &precise
    format: '%(asctime)s | %(levelname)-8s | %(message)s'
    datefmt: "%d/%m/%Y %H:%M:%S"
    class: !!python/name:my.Formatter
  again: *precise
handlers:
  console: {class: logging.StreamHandler, formatter: brief, stream: ext://sys.stdout}
`;
  expect(formatsInConfig(text)).toEqual(['%(message)s', '%(asctime)s | %(levelname)-8s | %(message)s;datefmt=%d/%m/%Y %H:%M:%S']);
});

test("logback's and log4j's patterns", () => {
  const logback = `<configuration>
  <!-- <pattern>%d{HH:mm} %msg</pattern> -->
  <appender name="FILE"><encoder><pattern>%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level &lt;%logger&gt; %msg%n</pattern></encoder></appender>
</configuration>`;
  expect(formatsInConfig(logback)).toEqual(['%(asctime)s %(levelname)-5s <%(name)s> %(message)s;datefmt=%Y-%m-%d %H:%M:%S']);
  expect(formatsInConfig('<?xml version="1.0"?><Configuration><PatternLayout pattern="%d %p %m%n"/></Configuration>')).toEqual([
    '%(asctime)s %(levelname)s %(message)s',
  ]);
  expect(formatsInConfig('appender.file.layout.pattern = %d [%t] %p - %m%n\nrootLogger.level = info\n')).toEqual([
    '%(asctime)s [%(threadName)s] %(levelname)s - %(message)s',
  ]);
});

test.each([
  '',
  '{',
  'formatters: [',
  'formatters: *nothing',
  '<pattern>',
  '{"formatters": 1}',
  '[]',
  '[formatter_x]',
  'format=%(message)s',
  '{"a":'.repeat(10_000),
])('nothing in %.20s', (text) => {
  expect(formatsInConfig(text)).toEqual([]);
});
