/** Launch configurations to begin with, as completions in launch.json. Pure. */

export interface LaunchSnippet {
  label: string;
  /** In the syntax of VS Code's snippets. */
  body: string;
}

/** Safelog adds the rest of the environment: SAFELOG_ROOT, SAFELOG_USER, and the address of the service. */
export const launchSnippets: readonly LaunchSnippet[] = [
  {
    label: 'Safelog: Node program',
    body: `{
  "name": "\${1:Node program}",
  "type": "node",
  "request": "launch",
  "program": "\\\${file}",
  "skipFiles": ["<node_internals>/**"],
  "env": { "SAFELOG_LEVEL": "DEBUG" }
}`,
  },
  {
    label: 'Safelog: Python program',
    body: `{
  "name": "\${1:Python program}",
  "type": "debugpy",
  "request": "launch",
  "program": "\\\${file}",
  "console": "internalConsole",
  "env": { "SAFELOG_LEVEL": "DEBUG" }
}`,
  },
];

/** Whether a launch.json up to the cursor ends where one of its `configurations` can begin. */
export function isInConfigurations(before: string): boolean {
  // Strings and comments first: brackets in them are none.
  const tokens = before.match(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[[\]{},:]|[^\s"[\]{},:/]+/g) ?? [];
  /** Of each open bracket: the key that it is the value of. */
  const open: { bracket: string; key: string }[] = [];
  let [last, key] = ['', ''];
  for (const token of tokens) {
    if (token.startsWith('//') || token.startsWith('/*')) continue;
    if (token === '[' || token === '{') open.push({ bracket: token, key: last === ':' ? key : '' });
    else if (token === ']' || token === '}') open.pop();
    else if (token.startsWith('"')) key = token.slice(1, -1);
    last = token;
  }
  const inner = open.at(-1);
  return inner?.bracket === '[' && inner.key === 'configurations' && open.length === 2;
}
