import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanModule, nameFault } from './treeName.ts';

test.each(['demo.log', '<string>.log', 'café.log', 'a b.log', '日本.log', 'é'.repeat(127)])('%s is a name', (name) => {
  expect(nameFault(name)).toBe(null);
});

test.each([
  ['', 'empty'],
  ['.', 'dot'],
  ['..', 'dot'],
  ['.__demo.lock', 'dot'],
  ['/etc/passwd', 'separator'],
  ['a/../b', 'separator'],
  ['a\0', 'control'],
  ['a\n', 'control'],
  ['a\x1b[2J', 'control'],
  ['a\x9b2J', 'control'],
  ['é'.repeat(128), 'long'],
])('%j is refused: %s', (name, fault) => {
  expect(nameFault(name)).toBe(fault);
});

test.each([
  ['my config/x', 'my_config_x'],
  ['Python: Current File', 'Python_Current_File'],
  ['Launch (workspace)', 'Launch_(workspace)'],
  ['server.log', 'server'],
  ['../../etc/passwd', 'etc_passwd'],
  ['  ', 'unnamed'],
  ['master', 'master_'],
  ['\0\n\x1b[31m', '[31m'],
])('cleanModule(%j) is %s', (text, module) => {
  expect(cleanModule(text)).toBe(module);
});

test('a cleaned module is always a name without blanks', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ unit: 'grapheme', maxLength: 400 })), (text) => {
      const module = cleanModule(text);
      expect(nameFault(`${module}.log`)).toBe(null);
      expect(nameFault(`.__${module}.lock`.slice(1))).not.toBe('long');
      expect(module).not.toMatch(/\s/);
    }),
  );
});
