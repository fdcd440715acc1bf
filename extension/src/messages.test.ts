import { describe, expect, it } from 'vitest';
import { parseFilter, parseFromPage, parseHostParams, parsePageLayout, parsePageState, parseSource } from './messages.ts';

describe('messages of a page', () => {
  it('passes on what the protocol permits', () => {
    expect(parseFromPage({ kind: 'ready' })).toEqual({ kind: 'ready' });
    expect(parseFromPage({ kind: 'cancel', id: 3, more: 1 })).toEqual({ kind: 'cancel', id: 3 });
    const request = { kind: 'request', id: 1, method: 'safelog/view/page', params: { view: 1 } };
    expect(parseFromPage(request)).toEqual(request);
    expect(parseFromPage({ ...request, method: 'host/copy' })).toBeDefined();
  });
  it.each([
    null,
    'ready',
    [],
    { kind: 'request', id: 1, method: 'safelog/debug/log', params: {} },
    { kind: 'request', id: 1, method: 'safelog/file/read', params: {} },
    { kind: 'request', id: 1, method: 'host/toString', params: {} },
    { kind: 'request', id: 1, method: 'shutdown' },
    { kind: 'request', id: '1', method: 'host/copy' },
    { kind: 'exit' },
  ])('refuses %j', (message) => {
    expect(parseFromPage(message)).toBeUndefined();
  });
});

describe('parameters of host methods', () => {
  it('takes places and records with whole, positive numbers only', () => {
    expect(parseHostParams['host/openPlace']({ path: '/a', line: 1, column: 2, x: 1 })).toEqual({ path: '/a', line: 1, column: 2 });
    expect(parseHostParams['host/openPlace']({ path: '/a', line: 1, column: 0 })).toEqual({ path: '/a', line: 1 });
    for (const line of [0, -1, 1.5, '1', Number.NaN, undefined]) {
      expect(() => parseHostParams['host/openPlace']({ path: '/a', line })).toThrow(TypeError);
      expect(() => parseHostParams['host/openRecord']({ file: 'a', line })).toThrow(TypeError);
    }
  });
  it('runs no command but those of the page', () => {
    expect(parseHostParams['host/command']({ command: 'openLog' })).toEqual({ command: 'openLog' });
    for (const command of ['workbench.action.terminal.new', 'restartServer', '__proto__', null]) {
      expect(() => parseHostParams['host/command']({ command })).toThrow(TypeError);
    }
  });
  it('keeps no setting but those of the page, with values of their type', () => {
    expect(parseHostParams['host/setting']({ name: 'wrap', value: true })).toEqual({ name: 'wrap', value: true });
    expect(parseHostParams['host/setting']({ name: 'timeZone', value: 'utc' })).toEqual({ name: 'timeZone', value: 'utc' });
    for (const setting of [
      { name: 'root', value: '/etc' },
      { name: 'wrap', value: 'true' },
      { name: 'timeZone', value: true },
      { name: 'ansi', value: 'run' },
    ]) {
      expect(() => parseHostParams['host/setting'](setting)).toThrow(TypeError);
    }
  });
});

describe('states and arguments', () => {
  it('takes a source, and nothing that only looks like one', () => {
    expect(parseSource({ kind: 'tree', root: '/r', path: 1 })).toEqual({ kind: 'tree', root: '/r' });
    expect(parseSource({ kind: 'file', path: '/f' })).toEqual({ kind: 'file', path: '/f' });
    expect(parseSource({ kind: 'tree', path: '/r' })).toBeUndefined();
    expect(parseSource({ kind: 'url', path: '/r' })).toBeUndefined();
  });
  it('takes the well-formed parts of a filter', () => {
    const filter = {
      users: ['a'],
      modules: ['m*'],
      level: 30,
      text: 't',
      regex: 'r',
      ignoreCase: true,
      exceptions: true,
      since: 1,
      until: 2,
      query: 'level>=info',
      queryUtc: true,
    };
    expect(parseFilter(filter)).toEqual(filter);
    expect(parseFilter({ users: [1, 'a'], level: 'x', text: 1, query: [], since: Number.POSITIVE_INFINITY })).toEqual({ users: ['a'] });
    expect(parseFilter(null)).toEqual({});
  });
  it('restores only states of ours', () => {
    const state = { source: { kind: 'folder', path: '/l' }, filter: { level: 10 }, title: 'l' };
    expect(parsePageState({ ...state, anchor: 1 })).toEqual(state);
    expect(parsePageState({ ...state, title: 1 })).toBeUndefined();
    expect(parsePageState(undefined)).toBeUndefined();
  });
});

it('takes of a page layout what is usable', () => {
  const none = { details: false, detailsHeight: null, time: 'absolute', hidden: [], widths: {} };
  expect(parsePageLayout(undefined)).toEqual(none);
  expect(
    parsePageLayout({ details: 1, detailsHeight: -5, time: 'later', hidden: ['time', 7], widths: { user: Number.NaN, time: 4 } }),
  ).toEqual(none);
  const whole = { details: true, detailsHeight: 240, time: 'previous', hidden: ['user'], widths: { module: 99 } };
  expect(parsePageLayout({ ...whole, more: 1 })).toEqual(whole);
});
