import { expect, it } from 'vitest';
import { launchMappings } from './launchMappings.ts';

const expand = (path: string): string => path.replace('HERE', '/w');

it.each([
  ['Node', { localRoot: 'HERE/src/', remoteRoot: '/app/' }, [{ from: '/app', to: '/w/src' }]],
  [
    'Python',
    {
      pathMappings: [
        { localRoot: 'HERE', remoteRoot: '/srv' },
        { localRoot: '/x', remoteRoot: '.' },
      ],
    },
    [{ from: '/srv', to: '/w' }],
  ],
  ['PHP', { pathMappings: { '/var/www': 'HERE/public' } }, [{ from: '/var/www', to: '/w/public' }]],
  ['Go', { substitutePath: [{ from: 'HERE', to: '/go/src/app' }] }, [{ from: '/go/src/app', to: '/w' }]],
  ['C++', { sourceFileMap: { '/build': { editorPath: '/w', useForBreakpoints: true } } }, [{ from: '/build', to: '/w' }]],
  ['browsers', { url: 'http://localhost:8080/index.html', webRoot: '/w/dist' }, [{ from: 'http://localhost:8080', to: '/w/dist' }]],
])('learns from configurations of %s', (_, configuration, mappings) => {
  expect(launchMappings([configuration], expand)).toEqual(mappings);
});

it('takes nothing from what is no configuration', () => {
  for (const value of [
    null,
    1,
    {},
    [null, 1, 'x', { localRoot: 1, remoteRoot: '/x' }, { pathMappings: 'x' }, { url: 'no', webRoot: '/x' }],
  ]) {
    expect(launchMappings(value, expand)).toEqual([]);
  }
});
