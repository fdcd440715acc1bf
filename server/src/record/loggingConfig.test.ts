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

test.each(['', '{', '{"formatters": 1}', '[]', '[formatter_x]', 'format=%(message)s', '{"a":'.repeat(10_000)])(
  'nothing in %.20s',
  (text) => {
    expect(formatsInConfig(text)).toEqual([]);
  },
);
