/** Snippets with which a first program logs: copied, with this machine's tree and service in them. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { env, l10n, window, workspace } from 'vscode';
import type { Server } from './server.ts';
import { enableService } from './serviceNotices.ts';

interface Snippet {
  file: string;
  language: string;
  title: string;
  /** It sends to the service, which has to run. */
  toService?: true;
}

const snippets = {
  pythonLogging: { file: 'python-logging.py', language: 'python', title: l10n.t('Python: the standard library’s logging') },
  pythonService: { file: 'python-service.py', language: 'python', title: l10n.t('Python: Safelog’s protocol'), toService: true },
  node: { file: 'node.mjs', language: 'javascript', title: l10n.t('Node: getLog') },
} as const satisfies Record<string, Snippet>;

type Name = keyof typeof snippets;

/**
 * Puts a snippet into the clipboard; asks which one where `wanted` names none.
 * @param extension the extension's folder
 */
export async function copySnippet(server: Server, extension: string, wanted: unknown): Promise<void> {
  const name = isName(wanted) ? wanted : await pick();
  if (name === undefined) return;
  const snippet: Snippet = snippets[name];
  const address = snippet.toService ? await serviceAddress(server) : '';
  if (address === undefined) return;
  const { root } = await server.request('safelog/about', null);
  const text = await readFile(join(extension, 'extension/snippets', snippet.file), 'utf8');
  const colon = address.lastIndexOf(':');
  const values: Record<string, string | number> = {
    root,
    host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(address.slice(colon + 1)),
    package: pathToFileURL(join(extension, 'server/dist/index.js')).href,
  };
  // As literals, which are the same in JSON, Python and JavaScript.
  const code = text.replace(/'\{\{(\w+)\}\}'/g, (_, field: string) => JSON.stringify(values[field] ?? ''));
  await env.clipboard.writeText(code);
  const open = l10n.t('Open as a New File');
  const answer = await window.showInformationMessage(
    l10n.t('Copied. Save it as a file and run it: its entries come into the timeline.'),
    open,
  );
  if (answer === open) await window.showTextDocument(await workspace.openTextDocument({ content: code, language: snippet.language }));
}

/** Where the service listens; undefined where it does not run, and is not to. */
async function serviceAddress(server: Server): Promise<string | undefined> {
  const { listening } = await server.request('safelog/service', null);
  if (listening !== null) return listening;
  const start = l10n.t('Start the Service');
  const answer = await window.showInformationMessage(l10n.t('This snippet sends to the Safelog service, which does not run.'), start);
  if (answer !== start) return undefined;
  await enableService(server);
  return (await server.request('safelog/about', null)).service.listening ?? undefined;
}

async function pick(): Promise<Name | undefined> {
  const items = (Object.keys(snippets) as Name[]).map((name) => ({ label: snippets[name].title, name }));
  return (await window.showQuickPick(items, { title: l10n.t('Copy a Snippet') }))?.name;
}

const isName = (value: unknown): value is Name => typeof value === 'string' && Object.hasOwn(snippets, value);
