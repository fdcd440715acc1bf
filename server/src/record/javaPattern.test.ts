import { expect, test } from 'vitest';
import { formatOfJavaPattern } from './javaPattern.ts';
import { HeadReader } from './layout.ts';

test.each([
  ['%d{yyyy-MM-dd HH:mm:ss.SSS} [%thread] %-5level %logger{36} -%kvp- %msg%n', undefined],
  [
    '%d{yyyy-MM-dd HH:mm:ss.SSS} [%thread] %-5level %logger{36} - %msg%n',
    '%(asctime)s [%(threadName)s] %(levelname)-5s %(name)s - %(message)s;datefmt=%Y-%m-%d %H:%M:%S',
  ],
  ['%d [%t] %p %c{1.} 100%% - %m%n%ex', '%(asctime)s [%(threadName)s] %(levelname)s %(name)s 100%% - %(message)s'],
  ['%d{ISO8601} %p %m%n', '%(asctime)s %(levelname)s %(message)s'],
  ['%date{"yyyy-MM-dd\'T\'HH:mm:ss,SSSXXX", UTC} %level %message', '%(asctime)s %(levelname)s %(message)s;datefmt=%Y-%m-%dT%H:%M:%S%z'],
  ['%d{dd MMM yyyy;HH:mm:ss} %p %m', '%(asctime)s %(levelname)s %(message)s;datefmt=%d %b %Y;%H:%M:%S'],
  ['%highlight(%p) %m', undefined],
  ['%X{user} %m', undefined],
  ['%d{QQQ} %m', undefined],
  ['no message', undefined],
])('%s', (pattern, format) => {
  expect(formatOfJavaPattern(pattern)).toBe(format);
});

test('what logback writes is read by it', () => {
  const format = formatOfJavaPattern('%d{dd.MM.yyyy HH:mm:ss.SSS} [%thread] %-5level %logger{36} - %msg%n');
  const heads = new HeadReader(false, { layout: format });
  const line = Buffer.from('20.11.2026 22:56:00.406 [http-nio-1] WARN  c.e.shop.Cart - slow: 1280 ms');
  expect(heads.read(line, 0, line.length)).toBe(true);
  expect(new Date(heads.head.time / 1000).getMilliseconds()).toBe(406);
  expect(heads.head.level).toBe(30);
  expect(heads.text(line, line.length)).toBe('slow: 1280 ms');
});
