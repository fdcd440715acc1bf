import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSafelog, encodeSafelog } from './safelog.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const entryOf = (packet: ReturnType<typeof decodeSafelog>): string => {
  if (packet.kind !== 'entry') throw new Error(`not an entry: ${JSON.stringify(packet)}`);
  return Buffer.from(packet.entry).toString('utf8');
};

describe('decodeSafelog', () => {
  test('reads the three fields', () => {
    const packet = decodeSafelog(Buffer.from('alice\x01demo.log\x012026-11-20 22:56:00.406171+00:00 DEBUG log this safely\n'));
    expect(packet).toMatchObject({ kind: 'entry', user: 'alice', basename: 'demo.log' });
    expect(entryOf(packet)).toBe('2026-11-20 22:56:00.406171+00:00 DEBUG log this safely\n');
  });

  test('adds no line end, and turns U+0002 into one', () => {
    expect(entryOf(decodeSafelog(bytes('a\x01b.log\x01one\x02two')))).toBe('one\ntwo');
  });

  test.each(['', ' ', '\n', '\r\n\t '])('ignores the blank packet %j', (text) => {
    expect(decodeSafelog(bytes(text))).toEqual({ kind: 'blank' });
  });

  test.each([
    ['no separator at all', 1],
    ['alice\x01demo.log', 2],
    ['alice\x01demo.log\x01a\x01b', 4],
  ])('drops %j, of %i fields', (text, fields) => {
    expect(decodeSafelog(bytes(text))).toEqual({ kind: 'malformed', fields });
  });

  test('keeps UTF-8 as it is: NUL, BOM, non-BMP characters', () => {
    const message = '\uFEFFcafé 日本語 😀 \0\x1b[31m\r\n';
    expect(entryOf(decodeSafelog(Buffer.from(`a\x01b.log\x01${message}`)))).toBe(message);
  });

  test('reads what is not UTF-8 as ISO 8859-14, the names too', () => {
    const packet = decodeSafelog(bytes('a\xa1\x01b\xe9.log\x01caf\xe9 \xf0\n'));
    expect(packet).toMatchObject({ kind: 'entry', user: 'aḂ', basename: 'bé.log' });
    expect(entryOf(packet)).toBe('café ŵ\n');
  });

  test.each([
    ['../../etc', 'x.log', 'user', 'dot'],
    ['', 'x.log', 'user', 'empty'],
    ['a/b', 'x.log', 'user', 'separator'],
    ['alice', '/etc/passwd', 'basename', 'separator'],
    ['alice', '..', 'basename', 'dot'],
    ['alice', '.__x.lock', 'basename', 'dot'],
    ['alice', 'a\0b', 'basename', 'control'],
    ['alice', 'a\nb', 'basename', 'control'],
    ['alice', 'a\x1b[2J', 'basename', 'control'],
    ['alice', '', 'basename', 'empty'],
    ['alice', 'x'.repeat(256), 'basename', 'long'],
  ])('refuses user %j, name %j', (user, basename, field, fault) => {
    expect(decodeSafelog(bytes(`${user}\x01${basename}\x01text\n`))).toMatchObject({ kind: 'refused', field, fault });
  });

  test('never throws, and what it accepts stays in its folder', () => {
    const fragment = fc.constantFrom('\x01', '\x02', '/', '..', '.', '\0', 'alice', 'demo.log', '\n', '\xff', ' ');
    fc.assert(
      fc.property(fc.array(fc.oneof(fragment, fc.string({ unit: 'binary' }))), (parts) => {
        const packet = decodeSafelog(Buffer.from(parts.join('')));
        if (packet.kind !== 'entry') return;
        expect(join('/root', packet.user, packet.basename)).toBe(`/root/${packet.user}/${packet.basename}`);
        expect(packet.basename).not.toContain('/');
      }),
      { numRuns: 2000 },
    );
  });

  test('reads every captured connection', () => {
    const folder = join(import.meta.dirname, '../../../test/fixtures/safelog/wire');
    const kinds: Record<string, number> = {};
    for (const file of readdirSync(folder)) {
      const { kind } = decodeSafelog(readFileSync(join(folder, file)));
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    expect(kinds).toEqual({ entry: 113 });
  });
});

test('encodeSafelog is the inverse for everything that the protocol can carry', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(entryOf(decodeSafelog(encodeSafelog('alice', 'demo.log', text)))).toBe(text);
    }),
  );
  expect(entryOf(decodeSafelog(encodeSafelog('a', 'b.log', 'x\x01y\x02z')))).toBe('x\\x01y\\x02z');
});
