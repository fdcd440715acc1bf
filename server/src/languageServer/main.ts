/** The language server: a child of the extension host, spoken to over Node's IPC. Answers ServerRequests of protocol.ts. */
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import { createConnection, ProposedFeatures, ResponseError, TextDocumentSyncKind } from 'vscode-languageserver/node';
import { defaultCacheFolder, IndexCache } from '../index/indexCache.ts';
import type { LibraryOptions } from '../index/library.ts';
import { sharedThreads } from '../index/threads.ts';
import type { ServerNotifications, ServerRequests } from '../protocol.ts';
import { readEnd } from '../timeline/follow.ts';
import { defaultMarksFolder } from '../timeline/markedRecords.ts';
import { treeState } from '../timeline/stats.ts';
import { DebugDestination } from './debugDestination.ts';
import { EmbeddedService } from './embeddedService.ts';
import { LayoutSettings } from './layoutSettings.ts';
import { parseSettings } from './settings.ts';
import { Tails } from './tails.ts';
import { Timelines } from './timelines.ts';
import { Views } from './views.ts';

/** ms that a first look at a tree may take before it is answered with what is known by then. */
const TREE_PATIENCE = 500;

const connection: Connection = createConnection(ProposedFeatures.all);

function notify<M extends keyof ServerNotifications>(method: M, params: ServerNotifications[M]): void {
  void connection.sendNotification(method, params);
}

let libraryOptions: LibraryOptions = { threads: sharedThreads() };
function configure(value: unknown): void {
  const settings = parseSettings(value);
  service.configure(settings);
  void layouts.configure(settings);
  const problems = debugDestination.configure(settings);
  if (problems.length > 0) notify('safelog/settings/refused', { problems });
  const { memory, diskSize } = settings.index;
  // What is open reads on from there.
  libraryOptions.cache?.close();
  libraryOptions = {
    threads: sharedThreads(),
    memory: memory * 2 ** 20,
    cache: diskSize === 0 ? undefined : new IndexCache(defaultCacheFolder(), { diskSize: diskSize * 2 ** 20 }),
  };
}

const timelines = new Timelines(
  (source) => notify('safelog/tree/changed', { source }),
  (error) => connection.console.error(`reading failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  () => ({ ...libraryOptions, marks: defaultMarksFolder() }),
);
const views = new Views(
  timelines,
  (state) => notify('safelog/view/changed', state),
  (progress) => notify('safelog/export/progress', progress),
);
const tails = new Tails(
  timelines,
  (path) => layouts.given(path),
  (appended) => notify('safelog/tail/appended', appended),
);
const service = new EmbeddedService((about) => notify('safelog/about/changed', about));
const layouts = new LayoutSettings(
  (known) => timelines.setLayouts(known),
  (problems) => notify('safelog/settings/refused', { problems }),
);
const debugDestination = new DebugDestination(
  () => service.root,
  ({ path, message, advice }) => connection.console.warn(`${path}: ${message}${advice === '' ? '' : `. ${advice}`}`),
);

type Handlers = {
  [M in keyof ServerRequests]: (
    params: ServerRequests[M][0],
    token: CancellationToken,
  ) => Promise<ServerRequests[M][1]> | ServerRequests[M][1];
};

const handlers: Handlers = {
  'safelog/tree': async ({ source }) => {
    const timeline = timelines.peek(source);
    // A small tree is known at once: nobody needs to see it empty first.
    await Promise.race([timeline.loading, new Promise((resolve) => setTimeout(resolve, TREE_PATIENCE))]);
    // Without any log it would look empty, and pickers would have nothing to choose from.
    await timeline.whenKnown(() => (timeline.library.generations.length > 0 ? undefined : {}));
    return treeState(timeline, source);
  },
  'safelog/view/open': (params) => views.open(params),
  'safelog/view/filter': ({ view, filter }) => views.setFilter(view, filter),
  'safelog/view/search': ({ view, run }) => views.search(view, run),
  'safelog/view/close': ({ view }) => views.close(view),
  'safelog/view/page': (params) => views.page(params),
  'safelog/view/find': (params, token) => views.find(params, () => token.isCancellationRequested),
  'safelog/histogram': (params, token) => views.histogram(params, () => token.isCancellationRequested),
  'safelog/view/counts': ({ view }, token) => views.counts(view, () => token.isCancellationRequested),
  'safelog/view/like': (params, token) => views.like(params, token),
  'safelog/view/hit': (params) => views.hit(params),
  'safelog/records/text': ({ view, ids, form }) => views.texts(view, ids, form),
  'safelog/record/details': ({ view, id, around }) => views.details(view, id, around),
  'safelog/marks': ({ view }) => views.marks(view),
  'safelog/marks/set': ({ view, ids, note }) => views.mark(view, ids, note),
  'safelog/view/export': (params, token) => views.export(params, () => token.isCancellationRequested),
  'safelog/tail/open': (params) => tails.open(params),
  'safelog/tail/older': (params) => tails.older(params),
  'safelog/tail/close': ({ tail }) => tails.close(tail),
  'safelog/file/read': ({ path, bytes, encoding }) => readEnd(path, bytes, encoding),
  'safelog/layout/preview': (params) => layouts.preview(params),
  'safelog/debug/log': (params) => debugDestination.log(params),
  'safelog/about': () => service.about,
  'safelog/service': () => service.find(),
};

for (const [method, handler] of Object.entries(handlers)) {
  // What a caller gets is the message: a stack says nothing to a person.
  connection.onRequest(method, async (params: never, token: CancellationToken) => {
    try {
      return await (handler as (params: never, token: CancellationToken) => unknown)(params, token);
    } catch (error) {
      throw new ResponseError(-32603, error instanceof Error ? error.message : String(error));
    }
  });
}

connection.onInitialize(({ initializationOptions }) => {
  configure(initializationOptions);
  return { capabilities: { textDocumentSync: TextDocumentSyncKind.None }, serverInfo: { name: 'safelog' } };
});
connection.onNotification('safelog/settings', configure);
connection.onShutdown(async () => {
  views.closeAll();
  await Promise.all([timelines.close(), tails.closeAll(), service.stop(), debugDestination.close()]);
});
connection.listen();
