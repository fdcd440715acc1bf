import { expect, it } from 'vitest';
import { envFilesOf, namesIn, takesEnvironment, withEnvironment } from './debuggeeEnvironment.ts';

const about = {
  root: '/logs',
  user: 'alice',
  service: { listening: '0.0.0.0:8534', socket: '/run/safelog.sock', servedBy: null, problem: null, refused: null },
};
const launch = { type: 'node', request: 'launch', name: 'x' };

it('adds the tree, the user and the service', () => {
  expect(withEnvironment({ ...launch, env: { A: '1' } }, about, [])).toEqual({
    ...launch,
    env: {
      A: '1',
      SAFELOG_ROOT: '/logs',
      SAFELOG_USER: 'alice',
      SAFELOG_HOST: '127.0.0.1',
      SAFELOG_PORT: '8534',
      SAFELOG_SOCKET: '/run/safelog.sock',
    },
  });
  const none = { ...about, service: { ...about.service, listening: null, socket: null } };
  expect(withEnvironment(launch, none, []).env).toEqual({ SAFELOG_ROOT: '/logs', SAFELOG_USER: 'alice' });
  const v6 = { ...about, service: { ...about.service, listening: '[::1]:99', socket: null } };
  expect(withEnvironment(launch, v6, []).env).toMatchObject({ SAFELOG_HOST: '::1', SAFELOG_PORT: '99' });
});

it('leaves alone what is set, and names no service where another tree or service is named', () => {
  expect(withEnvironment({ ...launch, env: { SAFELOG_ROOT: '/mine' } }, about, []).env).toEqual({
    SAFELOG_ROOT: '/mine',
    SAFELOG_USER: 'alice',
  });
  expect(withEnvironment({ ...launch, env: { SAFELOG_PORT: null } }, about, []).env).toEqual({
    SAFELOG_PORT: null,
    SAFELOG_ROOT: '/logs',
    SAFELOG_USER: 'alice',
  });
  expect(withEnvironment(launch, about, ['SAFELOG_USER', 'SAFELOG_SOCKET']).env).toEqual({ SAFELOG_ROOT: '/logs' });
});

it('knows which configurations take an environment, and what their files set', () => {
  expect(takesEnvironment(launch)).toBe(true);
  expect(takesEnvironment({ ...launch, request: 'attach' })).toBe(false);
  expect(takesEnvironment({ ...launch, type: 'chrome' })).toBe(false);
  expect([undefined, '', 'a', ['a', 1]].map((envFile) => envFilesOf({ ...launch, envFile }))).toEqual([[], [], ['a'], ['a']]);
  expect(namesIn('A=1\r\n # B=2\n export SAFELOG_ROOT = "x"\nC D=3\n')).toEqual(['A', 'SAFELOG_ROOT']);
});
