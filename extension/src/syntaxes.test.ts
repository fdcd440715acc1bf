import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';

const require = createRequire(import.meta.url);
const syntaxes = new URL('../../syntaxes/', import.meta.url);

/** Stands for VS Code's own `log` grammar: rules of its kind that would take parts of our lines if ours did not come first. */
const logGrammar = {
  name: 'Log file',
  scopeName: 'text.log',
  patterns: [
    { match: '\\b\\d{4}-\\d{2}-\\d{2}', name: 'comment log.date' },
    { match: '\\bERROR\\b', name: 'log.error' },
    { match: '"[^"]*"', name: 'string log.string' },
    { match: '\\b[0-9]+\\b', name: 'log.constant' },
    { begin: '^[\\t ]*at[\\t ]', end: '$', name: 'log.exception' },
  ],
};

const grammars: Record<string, () => string> = {
  'text.safelog': () => readFileSync(new URL('safelog.tmLanguage.json', syntaxes), 'utf8'),
  'safelog.injection': () => readFileSync(new URL('log-injection.tmLanguage.json', syntaxes), 'utf8'),
  'text.log': () => JSON.stringify(logGrammar),
};

let registry: textmate.Registry;

beforeAll(async () => {
  await oniguruma.loadWASM(readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')));
  registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) => textmate.parseRawGrammar(grammars[scope]?.() ?? '{}', `${scope}.json`),
    getInjections: (scope) => (scope === 'text.log' ? ['safelog.injection'] : undefined),
  });
});

/** The scoped parts of the lines: `innermost scope: text`, without the language's own ending. */
async function scopes(language: string, ...lines: string[]): Promise<string[]> {
  const grammar = await registry.loadGrammar(language);
  if (grammar === null) throw new Error(`no grammar ${language}`);
  let state = textmate.INITIAL;
  return lines.flatMap((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return tokens.flatMap(({ startIndex, endIndex, scopes: names }) => {
      const name = names.at(-1) ?? '';
      return names.length === 1 ? [] : [`${name.replace(/\.safelog$/, '')}: ${line.slice(startIndex, endIndex)}`];
    });
  });
}

describe.each(['text.safelog', 'text.log'])('%s', (language) => {
  it('knows the lines of a module log', async () => {
    expect(await scopes(language, '2026-11-20 22:56:00.406171+00:00 WARNING disk nearly full')).toEqual([
      'comment.time: 2026-11-20 22:56:00.406171+00:00',
      'markup.deleted.warning: WARNING',
    ]);
    expect(await scopes(language, '2020-01-02 03:04:05+00:00 no level word')).toEqual(['comment.time: 2020-01-02 03:04:05+00:00']);
  });
  it('knows the lines of master.log, whose module stands before the level', async () => {
    expect(await scopes(language, '2026-11-20 22:56:00.406171+00:00 myapp.sub.deep.log ERROR lost')).toEqual([
      'comment.time: 2026-11-20 22:56:00.406171+00:00',
      'entity.name.type.module: myapp.sub.deep.log',
      'strong: ERROR',
    ]);
    expect(await scopes(language, '2026-11-20 22:56:00.406171+00:00 <string>.log DEBUG x')).toContain(
      'entity.name.type.module: <string>.log',
    );
  });
  it('knows the block that a receiver writes', async () => {
    expect(await scopes(language, '2026-11-20 22:56:00.4+00:00 INFO [web.db 4711 MainThread app/db.py:42 {"k":1}] ready')).toEqual([
      'comment.time: 2026-11-20 22:56:00.4+00:00',
      'markup.inserted.info: INFO',
      'comment.source: [web.db 4711 MainThread app/db.py:42 {"k":1}]',
    ]);
  });
  it("knows Python's usual layouts", async () => {
    expect(await scopes(language, '2026-11-20 22:56:00,406 - web.db - ERROR - lost')).toEqual([
      'comment.time: 2026-11-20 22:56:00,406',
      'entity.name.type.module: web.db',
      'strong: ERROR',
    ]);
    expect(await scopes(language, '2026-11-20 22:56:00,406 web.db INFO up')).toContain('entity.name.type.module: web.db');
    expect(await scopes(language, 'WARNING:root:careful')).toEqual(['markup.deleted.warning: WARNING', 'entity.name.type.module: root']);
  });
  it('knows a Python traceback', async () => {
    expect(
      await scopes(
        language,
        '2026-11-20 22:56:00.410362+00:00 DEBUG Traceback (most recent call last):',
        '  File "/srv/app/demo.py", line 41, in <module>',
        '    boom()',
        '    ^^^^^^',
        'ValueError: bad thing',
        '',
        'During handling of the above exception, another exception occurred:',
      ),
    ).toEqual([
      'comment.time: 2026-11-20 22:56:00.410362+00:00',
      'markup.changed.debug: DEBUG',
      'keyword.other.traceback: Traceback (most recent call last):',
      'keyword.other.frame: File',
      'string.other.link.path: /srv/app/demo.py',
      'keyword.other.frame: line',
      'constant.numeric.line: 41',
      'keyword.other.frame: in',
      'entity.name.function: <module>',
      'comment.caret:     ^^^^^^',
      'string.regexp.exception: ValueError',
      'keyword.other.traceback: During handling of the above exception, another exception occurred:',
    ]);
  });
  it("knows Safelog's own call stack, whose frames begin with a TAB", async () => {
    expect(await scopes(language, ':\t  File "/srv/app/demo.py", line 7, in f')).toContain('string.other.link.path: /srv/app/demo.py');
  });
  it('knows the frames of Node', async () => {
    expect(await scopes(language, '    at async Store.save (/srv/app/my store.js:12:7)')).toEqual([
      'keyword.other.frame: at',
      'keyword.other.frame: async',
      'entity.name.function: Store.save',
      'string.other.link.path: /srv/app/my store.js',
      'constant.numeric.line: 12',
      'constant.numeric.column: 7',
    ]);
    expect(await scopes(language, '    at file:///srv/app/main.mjs:3:1')).toContain('string.other.link.path: file:///srv/app/main.mjs');
    expect(await scopes(language, '    at node:internal/main/run_main_module:36:49')).toContain(
      'string.other.link.path: node:internal/main/run_main_module',
    );
    expect(await scopes(language, 'TypeError: x is not a function')).toEqual(['string.regexp.exception: TypeError']);
  });
  it('is quick on long hostile lines', async () => {
    const started = process.cpuUsage();
    for (const line of [
      '    at '.padEnd(20_000, 'a.b/'),
      'A.'.repeat(10_000),
      `${' '.repeat(10_000)}x`,
      '2026-11-20 22:56:00 '.padEnd(20_000, 'x'),
    ]) {
      await scopes(language, line);
    }
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000);
  });
});
