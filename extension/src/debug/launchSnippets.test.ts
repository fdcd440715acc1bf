import { expect, it } from 'vitest';
import { isInConfigurations, launchSnippets } from './launchSnippets.ts';

it.each([
  ['{ "version": "0.2.0", "configurations": [', true],
  ['{ // "x": [\n "configurations": [ { "name": "a [", "env": {} }, ', true],
  ['{ "configurations": [ { "a": "\\"]" /* ] } */ }\n', true],
  ['{ "configurations": [ {', false],
  ['{ "configurations": [ { "args": [', false],
  ['{ "configurations": [ ]', false],
  ['{ "compounds": [', false],
  ['{ "compounds": [ { "configurations": [', false],
  ['', false],
])('%j: %s', (before, expected) => {
  expect(isInConfigurations(before)).toBe(expected);
});

it('has snippets that are configurations', () => {
  for (const { body } of launchSnippets) {
    const plain = body.replaceAll(/\$\{\d+:([^}]*)\}/g, '$1').replaceAll('\\$', '$');
    expect(JSON.parse(plain)).toMatchObject({ request: 'launch', program: expect.stringMatching(/^\$\{file\}$/) });
  }
});
