/** Every id that the manifest and the code share. ids.test.ts holds the manifest to this list. */

export const commands = {
  openTimeline: 'safelog.openTimeline',
  openMaster: 'safelog.openMaster',
  openLog: 'safelog.openLog',
  openFolder: 'safelog.openFolder',
  tail: 'safelog.tail',
  tailMerged: 'safelog.tailMerged',
  toggleTailFollow: 'safelog.toggleTailFollow',
  tailPause: 'safelog.tail.pause',
  tailResume: 'safelog.tail.resume',
  tailClear: 'safelog.tail.clear',
  tailFilter: 'safelog.tail.filter',
  tailLoadOlder: 'safelog.tail.loadOlder',
  tailLastError: 'safelog.tail.lastError',
  openInEditor: 'safelog.openInEditor',
  openNode: 'safelog.openNode',
  openPlace: 'safelog.openPlace',
  openFrame: 'safelog.openFrame',
  peekFrame: 'safelog.peekFrame',
  openClipboardTrace: 'safelog.openClipboardTrace',
  copyPath: 'safelog.copyPath',
  reveal: 'safelog.reveal',
  setLayout: 'safelog.setLayout',
  setEncoding: 'safelog.setEncoding',
  refresh: 'safelog.refresh',
  pickRoot: 'safelog.pickRoot',
  enableService: 'safelog.enableService',
  copySnippet: 'safelog.copySnippet',
  showDebugLog: 'safelog.showDebugLog',
  clearRemembered: 'safelog.clearRemembered',
  showOutput: 'safelog.showOutput',
  restartServer: 'safelog.restartServer',
  find: 'safelog.timeline.find',
  goToTime: 'safelog.timeline.goToTime',
  toggleFollow: 'safelog.timeline.toggleFollow',
  toggleWrap: 'safelog.timeline.toggleWrap',
  clearFilter: 'safelog.timeline.clearFilter',
  exportRows: 'safelog.timeline.export',
  toggleMark: 'safelog.timeline.toggleMark',
  editNote: 'safelog.timeline.editNote',
  nextMark: 'safelog.timeline.nextMark',
  previousMark: 'safelog.timeline.previousMark',
  copyRows: 'safelog.timeline.copy',
  copyMarkdown: 'safelog.timeline.copyMarkdown',
  copyJson: 'safelog.timeline.copyJson',
  openRecord: 'safelog.timeline.openRecord',
  showDetails: 'safelog.timeline.showDetails',
  toggleUnfold: 'safelog.timeline.toggleUnfold',
  onlyUser: 'safelog.timeline.onlyUser',
  onlyModule: 'safelog.timeline.onlyModule',
  setLayoutOfRow: 'safelog.timeline.setLayout',
} as const;

export const walkthrough = 'start';

export const views = {
  container: 'safelog',
  logs: 'safelog.logs',
} as const;

export const panels = {
  timeline: 'safelog.timeline',
} as const;

/** One custom editor has one priority, so there are two: the default for rotated archives, and an option for plain logs. */
export const customEditors = {
  archive: 'safelog.logViewer',
  plain: 'safelog.plainLogViewer',
} as const;

export const schemes = {
  /** Any log or generation, unzipped, read-only. */
  log: 'safelog-log',
  /** A document that grows. */
  tail: 'safelog-tail',
  /** A stack trace that was copied. */
  trace: 'safelog-trace',
  /** Not a file: names an item of the Logs view for its decoration. */
  node: 'safelog-node',
} as const;

export const language = 'safelog';

/** Names within the section `safelog`. */
export const settings = {
  root: 'root',
  roots: 'roots',
  openOnStartup: 'openOnStartup',
  timeZone: 'timeZone',
  ansi: 'ansi',
  microseconds: 'microseconds',
  wrap: 'wrap',
  highlights: 'highlights',
  histogram: 'timeline.histogram',
  context: 'timeline.context',
  queries: 'timeline.queries',
  layouts: 'layouts',
  pathMappings: 'pathMappings',
  tailWindow: 'tail.window',
  debugEnabled: 'debug.enabled',
  debugRecord: 'debug.record',
  debugMask: 'debug.mask',
  debugEnvironment: 'debug.environment',
  serviceEnabled: 'service.enabled',
  indexMemory: 'index.memory',
  indexDiskSize: 'index.diskSize',
} as const;

/** Within `service.`: settings that the service has by the same names in safelog.json. */
export const serviceSettings = [
  'host',
  'port',
  'socket',
  'identity',
  'user',
  'module',
  'pythonTcp',
  'pythonUdp',
  'http',
  'syslog',
  'syslogSocket',
  'otlp',
  'json',
  'markContinuations',
  'format',
  'datefmt',
  'maxBytes',
  'when',
  'interval',
  'backupCount',
  'gzip',
  'lockFileDirectory',
  'keepFor',
  'keepBytes',
] as const;

export const contextKeys = {
  /** 'loading' | 'missing' | 'empty' | 'ready' */
  tree: 'safelog.tree',
  /** There is a debug session, running or ended, whose log can be shown. */
  hasDebugLog: 'safelog.hasDebugLog',
  /** The active editor is a tail. */
  tailActive: 'safelog.tailActive',
  tailPaused: 'safelog.tailPaused',
} as const;

/** `contextValue` of the Logs view's items. */
export const nodeKinds = { root: 'root', user: 'user', module: 'module', live: 'generation.live', rotated: 'generation.rotated' } as const;
