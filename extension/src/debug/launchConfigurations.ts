/** What Safelog does for launch configurations: the debuggee's environment, and examples where launch.json is written. */

import {
  CompletionItem,
  CompletionItemKind,
  type DebugConfiguration,
  Disposable,
  debug,
  FileType,
  l10n,
  languages,
  MarkdownString,
  type Position,
  Range,
  SnippetString,
  type TextDocument,
  Uri,
  workspace,
} from 'vscode';
import type { ServerAbout } from '../../../server/src/protocol.ts';
import { settings } from '../ids.ts';
import type { Server } from '../server.ts';
import { isOn } from '../settings.ts';
import { envFilesOf, namesIn, takesEnvironment, withEnvironment } from './debuggeeEnvironment.ts';
import { isInConfigurations, launchSnippets } from './launchSnippets.ts';

/** A launch never waits longer (ms) for what it would be told. */
const patienceMs = 1500;
/** Larger files are no lists of variables. */
const maxEnvFile = 1024 * 1024;

export function registerLaunchConfigurations(server: Server, report: (error: unknown) => void): Disposable {
  return Disposable.from(
    debug.registerDebugConfigurationProvider('*', {
      resolveDebugConfigurationWithSubstitutedVariables: async (_folder, configuration) => {
        try {
          return await resolve(server, configuration);
        } catch (error) {
          report(error);
          return configuration;
        }
      },
    }),
    languages.registerCompletionItemProvider({ language: 'jsonc', pattern: '**/launch.json' }, { provideCompletionItems: complete }),
  );
}

async function resolve(server: Server, configuration: DebugConfiguration): Promise<DebugConfiguration> {
  if (!isOn(settings.debugEnvironment) || !takesEnvironment(configuration)) return configuration;
  const about = await inTime(server.request('safelog/about', null));
  if (about === undefined) return configuration;
  const names = await Promise.all(envFilesOf(configuration).map(namesOf));
  return withEnvironment(configuration, about, names.flat());
}

async function inTime(asked: Promise<ServerAbout>): Promise<ServerAbout | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(done, patienceMs, undefined);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A file that cannot be read sets nothing: the debugger itself says so. */
async function namesOf(path: string): Promise<string[]> {
  try {
    const uri = Uri.file(path);
    const { type, size } = await workspace.fs.stat(uri);
    if ((type & FileType.File) === 0 || size > maxEnvFile) return [];
    return namesIn(Buffer.from(await workspace.fs.readFile(uri)).toString());
  } catch {
    return [];
  }
}

function complete(document: TextDocument, position: Position): CompletionItem[] {
  if (!isInConfigurations(document.getText(new Range(0, 0, position.line, position.character)))) return [];
  return launchSnippets.map(({ label, body }) => {
    const item = new CompletionItem(label, CompletionItemKind.Snippet);
    item.documentation = new MarkdownString(l10n.t('What it prints and what it logs, in one log tree')).appendCodeblock(
      body.replaceAll(/\\\$/g, '$'),
      'json',
    );
    item.insertText = new SnippetString(body);
    return item;
  });
}
