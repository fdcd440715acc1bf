/**
 * Every message between the language server, the extension and the timeline's page, in one place.
 * Imports nothing: not Node, not LSP, not the DOM. Method names are LSP custom methods (`safelog/…`).
 *
 * Units: a time is µs since the epoch, UTC, in a double. Offsets are bytes in the uncompressed generation. Lines are 1-based.
 */

/** µs since the epoch, UTC. */
export type Micros = number;

/** What a record is called for ever: the content identity of its generation and its byte offset there, `IDENTITY:OFFSET`. */
export type RecordId = string;

/** A number of Python's scale (DEBUG 10 … CRITICAL 50); null where the line names none. */
export type Level = number | null;

// ---------------------------------------------------------------------------------------------------------------- sources

/** What a timeline is over: a Safelog tree (ROOT/USER/MODULE.log), or any file (with its rotations) or folder of logs. */
export type Source = { kind: 'tree'; root: string } | { kind: 'file'; path: string } | { kind: 'folder'; path: string };

/** Something that went wrong with one path, said once, with what to do about it. */
export interface Problem {
  /** Absolute path. */
  path: string;
  message: string;
  /** What the person can do; empty where nothing. */
  advice: string;
}

export interface GenerationState {
  /** Absolute path. */
  path: string;
  /** Relative to the source's root, `/`-separated. */
  file: string;
  /** Bytes on disk. */
  size: number;
  compressed: boolean;
  /** The one that is being written, not a rotation. */
  live: boolean;
  records: number;
  /** Time of the newest record. */
  last: Micros | null;
  /** Records at ERROR and above, and tracebacks at any level. */
  errors: number;
}

export interface ModuleState {
  user: string;
  /** `sub/x` for a log in a sub-directory of the user. `master` for a user's master.log. */
  module: string;
  /** Newest first. */
  generations: GenerationState[];
}

export interface TreeState {
  source: Source;
  /** Absolute path of the root; every `file` is relative to it. */
  root: string;
  exists: boolean;
  /** Sorted by user, then module. */
  modules: ModuleState[];
  problems: Problem[];
  progress: Progress;
}

/** A filter's search for text, while it goes on, and where it was stopped before its end. */
export interface SearchState {
  /** Entries whose text has been looked at, and all that have to be. Entries that come meanwhile are looked at beside it. */
  searched: number;
  total: number;
  /** A person has stopped it: what was found is only a part. */
  stopped: boolean;
}

/** Bytes indexed so far of those known; `done` when nothing is left to read. */
export interface Progress {
  readBytes: number;
  totalBytes: number;
  done: boolean;
}

// ------------------------------------------------------------------------------------------------------------------ views

/** All parts combine with AND; a list's items with OR; an absent part lets everything through. */
export interface Filter {
  users?: string[];
  /** Whole names; `*` and `?` are wildcards. */
  modules?: string[];
  /** Threshold: this level and above. A record without a level passes only when this is absent. */
  level?: number;
  /** Just these levels, as they are drawn. */
  levels?: LevelClass[];
  /** Case-sensitive literal in the message. */
  text?: string;
  /** JavaScript regex (flags `u`) over the message. */
  regex?: string;
  /** `i` for the regex and the literal. */
  ignoreCase?: boolean;
  /** Only records with a traceback, at any level. */
  exceptions?: boolean;
  /** Inclusive. */
  since?: Micros;
  /** Exclusive. */
  until?: Micros;
  /** Only records that a person has marked. */
  marked?: boolean;
  /** In the query language (docs/query.md). */
  query?: string;
  /** Times in the query without an offset are UTC; else they are of the server's zone. */
  queryUtc?: boolean;
  /** Another filter that has to let it through, too. */
  within?: Filter;
  /** So many rows of the same log before and after each one that passes are shown, too; they are `rowFlags.context`. */
  context?: number;
}

/** What a filter says of texts, as one types it into the filter's box. */
export type TextFilter = Pick<Filter, 'text' | 'regex' | 'query' | 'ignoreCase'>;

export type ViewId = number;

/** Where a page is anchored. `rank` is only for the scrollbar's thumb: ranks move while older generations are being indexed. */
export type Anchor = { id: RecordId } | { time: Micros } | { rank: number } | { at: 'start' | 'end' };

export interface OpenViewParams {
  source: Source;
  filter: Filter;
}

export interface OpenViewResult {
  view: ViewId;
  state: ViewState;
}

export interface ViewState {
  view: ViewId;
  /** Grows with every change of the rows of the view. */
  version: number;
  /** Rows that pass the filter, as far as known. */
  total: number;
  /** Rows without any filter, as far as known. */
  unfiltered: number;
  /** With `Filter.context`: of `total`, those that pass the filter. */
  hits?: number;
  /** The filter's hits are too many for rows around them to be shown. */
  withoutContext?: boolean;
  /** Of those that pass: at ERROR and above, or a traceback at any level. */
  errors: number;
  /** Of those that pass: records with a traceback, at any level. */
  exceptions: number;
  /** False while the index or a text filter is still being worked out: `total` will still change. */
  final: boolean;
  /** Absent where nothing is searched. */
  search?: SearchState;
  progress: Progress;
  /** Every user and module of the source, for the filter's menus; sorted. */
  users: string[];
  modules: string[];
  problems: Problem[];
  exists: boolean;
  root: string;
  /** How many records of the source are marked, and a number that grows with every change of that. */
  marks: { count: number; version: number };
  /** Why the filter that was asked for last cannot be used (a regex or a query that does not parse). The view goes on with the one before. */
  filterError?: string;
  /** Where the filter's query is wrong, in UTF-16 units; the length is 0 at its end. */
  filterErrorAt?: { start: number; length: number };
}

export interface PageParams {
  view: ViewId;
  anchor: Anchor;
  /** Rows wanted before the anchor, and from it on (the anchor itself included). */
  before: number;
  after: number;
}

export interface Page {
  view: ViewId;
  version: number;
  total: number;
  final: boolean;
  /** Rank of the first row. */
  first: number;
  /** Index of the anchor within the rows (where an anchor is gone: of the nearest row that follows; may equal the number of rows). */
  anchor: number;
  /** `encodeRows`: one text blob crosses the two process borders faster than objects do. */
  rows: string;
}

export interface Row {
  id: RecordId;
  time: Micros;
  level: Level;
  user: string;
  module: string;
  /** What follows the level word (or the stamp), lines joined by LF; cut to MAX_ROW_TEXT characters. */
  text: string;
  /** Lines of the whole message. */
  lines: number;
  /** Characters cut off `text`; 0 when it is whole. Ask `records/text` for more. */
  cut: number;
  flags: number;
  /** Relative to the root. */
  file: string;
  /** 1-based, in the uncompressed generation; 0 while it is not known, because only the file's end has been read. */
  line: number;
  /** The stamp's own offset from UTC in minutes, null where it names none (local). For `safelog.timeZone: file`. */
  offset: number | null;
  /** Frames of stack traces within `text` that have a place. */
  links: FrameLink[];
  /** Its lines that hold nothing but two or more frames of libraries in a row. */
  libraryRuns: LibraryRun[];
  /** Where the first trace's exception was raised; null where there is no trace. */
  raised: RaisedAt | null;
}

/** Lines of a text, 0-based: [from, to). */
export interface LibraryRun {
  from: number;
  to: number;
  frames: number;
}

export interface RaisedAt {
  /** Such as `demo.py:12 in divide`. */
  label: string;
  place: Place;
}

export const rowFlags = {
  /** Holds a traceback. */
  exception: 1,
  /** Stands only in master.log. */
  masterOnly: 2,
  /** Its clock was up to 1 s behind its predecessor's: shown in the predecessor's place. */
  clockStep: 4,
  /** The line has no time of its own. */
  noTime: 8,
  /** It does not pass the filter: it is shown because it stands near one that does. */
  context: 16,
} as const;

export const MAX_ROW_TEXT = 16_384;

/** A place in the code that a stack frame names, and where in the text it stands. */
export interface FrameLink {
  /** Index of the line in the text, 0-based; `start` and `end` are UTF-16 columns in it. */
  textLine: number;
  start: number;
  end: number;
  place: Place;
  /** Code of the language, its runtime or a package; else the person's own. */
  library: boolean;
}

export interface Place {
  /** As it stands in the trace: an absolute or relative path, or a file URL. Hostile until a person clicks it. */
  path: string;
  /** 1-based. */
  line: number;
  /** 1-based. */
  column?: number;
}

/** Something that an entry holds besides time, level and message: `logger`, `thread`, a member of its JSON object … */
export interface RecordField {
  name: string;
  value: string;
  /** Where it names a place in the code. */
  place?: Place;
}

/** One entry as a whole. */
export interface RecordDetails {
  /** The message, up to 1 Mi characters. */
  text: string;
  /** Characters cut off `text`. */
  cut: number;
  fields: RecordField[];
  /** `encodeRows`: the rows of the same log before it, itself, and those after it; `at` is its index there. */
  rows: string;
  at: number;
}

/** A record that a person has marked. */
export interface ShownMark {
  id: RecordId;
  /** Empty where there is only the mark. */
  note: string;
  /** Null where the view does not show it. */
  rank: number | null;
  time: Micros;
  offset: number | null;
  level: Level;
  user: string;
  module: string;
  /** The first line of the message, or its beginning. */
  line: string;
}

/** How entries are written out: the bytes of their files, or one JSON object a line, as `safelog cat` does. */
export type RecordFormat = 'text' | 'jsonl';

/** How single entries are given as text: as they stand in the file, their message alone, or as a JSON object. */
export type TextForm = 'raw' | 'message' | 'json';

export interface ExportParams {
  view: ViewId;
  /** Chosen by who asks: progress is told by it. */
  export: number;
  /** Absolute path of the file; one that is there is replaced once all is written. */
  path: string;
  format: RecordFormat;
}

export interface ExportResult {
  /** How many were written. */
  entries: number;
  /** Logs, relative to the root, that entries are missing from: they were changed meanwhile. */
  incomplete: string[];
}

export interface FindParams {
  view: ViewId;
  text: string;
  isRegex: boolean;
  matchCase: boolean;
  /** Where to start; the anchor itself counts only when `inclusive`. */
  from: Anchor;
  inclusive: boolean;
  direction: 'next' | 'previous';
}

export interface LikeParams {
  view: ViewId;
  /** Words that may be misspelt. */
  text: string;
  /** How many are wanted at most; 100 are the most that are given. */
  count: number;
}

export interface HitParams {
  view: ViewId;
  from: Anchor;
  direction: 'next' | 'previous';
}

export interface FindResult {
  /** Null when nothing matches in the whole view (the search wraps round). */
  id: RecordId | null;
  rank: number;
  wrapped: boolean;
  error?: string;
}

// -------------------------------------------------------------------------------------------------------------- histogram

export interface HistogramParams {
  view: ViewId;
  /** Inclusive; the view's first row where absent. */
  from?: Micros;
  /** Exclusive; the end of the view's last row where absent. */
  to?: Micros;
  /** How many buckets are wanted at most, 1 to 4096: the width is the smallest round one that needs no more. */
  buckets: number;
}

/** Levels as they are drawn. `debug`: below INFO, `none`: the line has no level. What is between two belongs to the lower one. */
export const levelClasses = ['debug', 'info', 'warning', 'error', 'critical', 'none'] as const;

export type LevelClass = (typeof levelClasses)[number];

/** Rows of a view over time. All lists have one number for each bucket, the oldest first. */
export interface Histogram {
  view: ViewId;
  /** Of the view when the rows were counted: ask again when the view has a newer one and it matters. */
  version: number;
  /** The view's rows are all known. */
  final: boolean;
  /** Where the first bucket begins; a multiple of `width`. */
  from: Micros;
  /** Where the last bucket ends. */
  to: Micros;
  /** Of each bucket: 1, 2 or 5 times a power of ten µs below a second; above, seconds, minutes, hours, days, each divided roundly. */
  width: Micros;
  /** Rows in all buckets. Only rows of the asked range count, so that the outermost buckets may be filled partly. */
  total: number;
  levels: Record<LevelClass, number[]>;
  /** Rows with a traceback, at any level; they are counted in their level, too. */
  exceptions: number[];
}

/** Rows of a view by level, user and module; names without any are left out. */
export interface Counts {
  view: ViewId;
  /** Of the view when the rows were counted. */
  version: number;
  final: boolean;
  levels: Record<LevelClass, number>;
  users: [name: string, rows: number][];
  modules: [name: string, rows: number][];
}

// ---------------------------------------------------------------------------------------------------------------- layouts

/** How a log's first lines read in several layouts. */
export interface LayoutPreviewParams {
  /** Absolute path of a log or a generation of it. */
  path: string;
  /** Names of layouts and format strings; null for the one that is found out. Without it those that may be given by name, or were found. */
  layouts?: (string | null)[];
}

export interface LayoutPreviews {
  /** Absolute path of the log that the file is a generation of: what a layout is given for. */
  log: string;
  /** The layout that the settings give it; null where none is. */
  given: string | null;
  previews: LayoutPreview[];
}

export interface LayoutPreview {
  layout: string | null;
  /** What is wrong with it; the rest is then empty. */
  error?: string;
  /** Null's: what was found out. */
  found?: string;
  /** Of the log's first lines: how many were looked at, and how many begin an entry. */
  lines: number;
  entries: number;
  /** The first entry that has a time, or the first one. */
  first?: { time: Micros | null; level: Level; text: string };
}

// ------------------------------------------------------------------------------------------------------------------- tail

/** What the in-editor tail follows. */
export interface OpenTailParams {
  /** A file without a filter is followed byte by byte (it need not exist yet); all else by entries, of a tree with their modules' names. */
  source: Source;
  filter: Filter;
  /** How many bytes of the end to begin with. */
  bytes: number;
  /** A label of the Encoding Standard, of an encoding in which LF is one byte; UTF-8 where absent. */
  encoding?: string;
}

/** A place in what a tail follows, before which there is older text. Only the server knows what it means. */
export type TailPlace = string;

/** Text of a tail, from a line's beginning on. */
export interface TailPart {
  text: string;
  /** Where it begins; null where that is not known. */
  at: TailPlace | null;
  /** Entries in it at ERROR and above, or with a traceback. */
  errors: number;
  /** The line of the text on which the last of them begins, 0-based; -1: none. */
  lastError: number;
}

export interface OpenTailResult extends TailPart {
  tail: number;
}

export interface TailAppended extends TailPart {
  tail: number;
  /** Set when the file was rotated, truncated or made anew just before this text. */
  restarted?: 'rotated' | 'truncated' | 'created' | 'deleted';
}

export interface OlderTailParams {
  tail: number;
  /** Text before this; null: before what comes next. */
  at: TailPlace | null;
  /** How much, about. */
  bytes: number;
}

// --------------------------------------------------------------------------------------------------- debugger destination

/** What a debug session printed, or what happened to it. */
export interface DebugEntry {
  time: Micros;
  level: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
  /** Lines joined by LF. */
  text: string;
  /** What is known of where it comes from: it is written as a source block (`[KIND PID - FILE:LINE]`). */
  source?: { kind: string; pid?: number; file?: string; line?: number };
}

export interface DebugLogParams {
  /** Written as ROOT/USER/MODULE.log and the master line; the server cleans the name. */
  module: string;
  entries: DebugEntry[];
}

/** Where a debug session's entries go to. */
export interface DebugLogPlace {
  root: string;
  user: string;
  module: string;
}

// --------------------------------------------------------------------------------------------------------------- settings

export interface ServerSettings {
  /** Absolute path; empty for the default root. */
  root: string;
  service: {
    enabled: boolean;
    /** By the names of safelog.json, those that a person has set. They go before the environment, that before the file. */
    settings: Readonly<Record<string, string | number | boolean>>;
  };
  /** MiB: of the index in memory, and of what is kept of it on disk; 0 keeps nothing. */
  index: { memory: number; diskSize: number };
  /** Layouts given for files: glob → a layout's name or a format string. The first that fits counts. */
  layouts: Record<string, string>;
  /** Absolute paths of logging configuration files, whose formats logs may have. */
  loggingConfigs: string[];
  /** Of the debug destination. `mask`: patterns of secrets, in RE2's syntax. */
  debug: { mask: string[] };
}

export type TimeZoneSetting = 'local' | 'utc' | 'file';
export type AnsiSetting = 'draw' | 'strip' | 'raw';

export interface Highlight {
  /** Literal, or `/regex/flags`. */
  pattern: string;
  /** A CSS colour name or #hex, or a theme colour id such as `charts.red`. */
  color: string;
}

/** What the page needs to know of the settings; sent at its start and at each change. */
export interface PageSettings {
  timeZone: TimeZoneSetting;
  /** The machine's zone name where the server runs, for `local`. */
  localZone: string;
  ansi: AnsiSetting;
  microseconds: boolean;
  wrap: boolean;
  highlights: Highlight[];
  /** Whether the histogram is shown. */
  histogram: boolean;
  /** Rows of the same log that are shown before and after each hit. */
  context: number;
  /** Offered by name in the filter bar. */
  queries: NamedQuery[];
}

/** Columns that a person can hide or make wider. */
export const columnNames = ['level', 'user', 'module'] as const;

export type ColumnName = (typeof columnNames)[number];

/** What the time's column says: the time, how long ago that was, or how far it is from the row above or from the row with the focus. */
export const timeColumns = ['absolute', 'relative', 'previous', 'selected'] as const;

export type TimeColumn = (typeof timeColumns)[number];

/** How a person has arranged the page. Kept for all timelines, by the extension. */
export interface PageLayout {
  /** The pane with the whole entry is open. */
  details: boolean;
  /** Its height in px; null where nobody has changed it. */
  detailsHeight: number | null;
  time: TimeColumn;
  hidden: ColumnName[];
  /** In px, of columns that somebody has resized. */
  widths: Partial<Record<ColumnName, number>>;
}

/** A query that a person gave a name in the settings. */
export interface NamedQuery {
  name: string;
  query: string;
}

// ---------------------------------------------------------------------------------------------------------------- methods

/** Requests to the language server: method → [params, result]. */
export interface ServerRequests {
  'safelog/tree': [{ source: Source }, TreeState];
  'safelog/view/open': [OpenViewParams, OpenViewResult];
  'safelog/view/filter': [{ view: ViewId; filter: Filter }, ViewState];
  /** Stops the filter's search for text: what was found stays, what comes is looked at. Or goes on with it. */
  'safelog/view/search': [{ view: ViewId; run: boolean }, ViewState];
  'safelog/view/close': [{ view: ViewId }, null];
  'safelog/view/page': [PageParams, Page];
  /** Can be cancelled with `safelog/cancel` of the page, or the LSP's own cancellation. */
  'safelog/view/find': [FindParams, FindResult];
  /** `encodeRows`: the rows of the view that look most like some words, the best first. Null when cancelled. */
  'safelog/view/like': [LikeParams, string | null];
  /** The next or previous row that passes the filter, where others are shown around it. */
  'safelog/view/hit': [HitParams, FindResult];
  /** How many rows when, by level, from the index alone. A view's next request cancels the last one, which then gives null. */
  'safelog/histogram': [HistogramParams, Histogram | null];
  /** How many rows each level, user and module has, from the index alone. A view's next request cancels the last one, which then gives null. */
  'safelog/view/counts': [{ view: ViewId }, Counts | null];
  /** Whole text of records (each up to 1 Mi characters). */
  'safelog/records/text': [{ view: ViewId; ids: RecordId[]; form: TextForm }, string[]];
  /** One entry with all that is known of it, and at most `around` (50) rows of its log on either side; null where it is gone. */
  'safelog/record/details': [{ view: ViewId; id: RecordId; around: number }, RecordDetails | null];
  /** Marks of records that are there, the oldest first. */
  'safelog/marks': [{ view: ViewId }, ShownMark[]];
  /** Marks records, with a note or an empty one, or takes (null) the marks away. All views of the source change with it. */
  'safelog/marks/set': [{ view: ViewId; ids: RecordId[]; note: string | null }, null];
  /** Writes all rows of the view to a file. Null where it was cancelled: nothing is left of it then. */
  'safelog/view/export': [ExportParams, ExportResult | null];
  'safelog/tail/open': [OpenTailParams, OpenTailResult];
  /** What stands before a place, out of rotated generations too; null where there is nothing older. */
  'safelog/tail/older': [OlderTailParams, TailPart | null];
  'safelog/tail/close': [{ tail: number }, null];
  /** Text of any log file, gz or plain: the last `bytes` of it, `cut` bytes left out before, from the 1-based `firstLine` on. */
  'safelog/file/read': [{ path: string; bytes: number; encoding?: string }, { text: string; size: number; cut: number; firstLine: number }];
  /** For a person who chooses a layout: one for each that was asked for. Rejects where the log cannot be read. */
  'safelog/layout/preview': [LayoutPreviewParams, LayoutPreviews];
  /** Resolves when they are written, secrets masked. Without entries it only tells where they would go to. */
  'safelog/debug/log': [DebugLogParams, DebugLogPlace];
  /** The root in force, the current user's name, and whether the service listens. */
  'safelog/about': [null, ServerAbout];
  /** The service of the root in force: this server's own, or one that runs outside, be the setting on or off. */
  'safelog/service': [null, ServiceState];
}

export interface ServerAbout {
  root: string;
  user: string;
  service: ServiceState;
}

export interface ServiceState {
  /** Where entries of the original protocol are taken in: by this server's own service, or by that of another process. */
  listening: string | null;
  /** The Unix socket of the streaming protocol, where there is one. */
  socket: string | null;
  /** The other process that serves the root; 0: not known which. null: none. */
  servedBy: number | null;
  problem: string | null;
  /** The problem is a port or socket that cannot be had, of the setting `safelog.service.SETTING`. */
  refused: { setting: string; address: string; reason: 'inUse' | 'denied' | 'other' } | null;
}

/** Notifications from the language server: method → params. */
export interface ServerNotifications {
  /** At most one per view and 16 ms. */
  'safelog/view/changed': ViewState;
  /** At most one per source and second. Ask `safelog/tree` again. */
  'safelog/tree/changed': { source: Source };
  /** Rows of an export that are written, of how many. */
  'safelog/export/progress': { export: number; done: number; total: number };
  'safelog/tail/appended': TailAppended;
  'safelog/about/changed': ServerAbout;
  /** What cannot be used of the settings, with what could be. */
  'safelog/settings/refused': { problems: string[] };
}

/** Notifications to the language server. */
export interface ClientNotifications {
  'safelog/settings': ServerSettings;
}

/** Requests of the page that the extension answers itself: method → [params, result]. */
export interface HostRequests {
  /** Opens a frame's file at its line; asks for the file where it is not there, and remembers. */
  'host/openPlace': [Place, null];
  /** Opens the record's file at its line, in a read-only editor. */
  'host/openRecord': [{ file: string; line: number }, null];
  /** Lets the person choose how a log reads; `file` is relative to the root. */
  'host/setLayout': [{ file: string }, null];
  'host/copy': [{ text: string }, null];
  /** Runs one of the extension's own commands by its short name; anything else is refused. */
  'host/command': [{ command: 'openLog' | 'openMaster' | 'openSettings' | 'openWalkthrough' | 'enableService' | 'pickRoot' }, null];
  /** Keeps a view setting that was toggled in the page. */
  'host/setting': [
    { name: 'timeZone' | 'ansi' | 'microseconds' | 'wrap' | 'timeline.histogram' | 'timeline.context'; value: string | number | boolean },
    null,
  ];
  /** Asks where to, and exports what the view shows. */
  'host/export': [{ view: ViewId }, null];
  /** Keeps how the page is arranged. */
  'host/layout': [PageLayout, null];
  /** Remembers by what was filtered, for the page's source. */
  'host/remember': [TextFilter, null];
}

/** What the page may ask of the server; the extension relays these and no others. */
export const relayedMethods = [
  'safelog/view/open',
  'safelog/view/filter',
  'safelog/view/search',
  'safelog/view/close',
  'safelog/view/page',
  'safelog/view/find',
  'safelog/view/hit',
  'safelog/view/like',
  'safelog/histogram',
  'safelog/view/counts',
  'safelog/records/text',
  'safelog/record/details',
  'safelog/marks',
  'safelog/marks/set',
] as const satisfies readonly (keyof ServerRequests)[];

export type RelayedMethod = (typeof relayedMethods)[number];

export type PageRequests = Pick<ServerRequests, RelayedMethod> & HostRequests;

/** Page → extension. */
export type FromPage =
  | { kind: 'ready' }
  | { kind: 'request'; id: number; method: keyof PageRequests; params: unknown }
  | { kind: 'cancel'; id: number };

/** What the extension's commands and context menu ask of the page; those about a row mean the selected ones. */
export type PageCommand =
  | 'find'
  | 'goToTime'
  | 'toggleFollow'
  | 'toggleWrap'
  | 'clearFilter'
  | 'copy'
  | 'copyMarkdown'
  | 'copyJson'
  | 'export'
  | 'openRecord'
  | 'showDetails'
  | 'toggleUnfold'
  | 'toggleMark'
  | 'editNote'
  | 'nextMark'
  | 'previousMark'
  | 'onlyUser'
  | 'onlyModule'
  | 'setLayout';

/** Extension → page. `start` follows `ready`, and comes again when the server has been restarted: the page then opens its view anew. */
export type ToPage =
  | { kind: 'start'; source: Source; filter: Filter; title: string; settings: PageSettings; layout: PageLayout; past: TextFilter[] }
  /** What was filtered by before, the newest first: it is another than `start` said. */
  | { kind: 'past'; past: TextFilter[] }
  | { kind: 'settings'; settings: PageSettings }
  /** What takes entries in for `root`. Follows `start`, and comes again when it is another. */
  | { kind: 'service'; root: string; service: ServiceState }
  | { kind: 'response'; id: number; result: unknown }
  | { kind: 'failure'; id: number; message: string }
  | { kind: 'notification'; method: 'safelog/view/changed'; params: ViewState }
  | { kind: 'command'; command: PageCommand }
  /** Narrow to this filter, keeping the place where that is possible. */
  | { kind: 'filter'; filter: Filter };

/** What the page keeps by setState, and gets back after a reload through its serializer. */
export interface PageState {
  source: Source;
  filter: Filter;
  title: string;
  anchor: Anchor;
  pixelOffset: number;
  following: boolean;
  selection: RecordId[];
  unfolded: RecordId[];
}

// ------------------------------------------------------------------------------------------------------------------- rows

type PackedLink = [textLine: number, start: number, end: number, path: string, line: number, column: number, library: 0 | 1];
type PackedRow = [
  id: RecordId,
  time: number,
  level: Level,
  user: number,
  module: number,
  text: string,
  lines: number,
  cut: number,
  flags: number,
  file: number,
  line: number,
  offset: number | null,
  links: PackedLink[],
  libraryRuns: [from: number, to: number, frames: number][],
  raised: [label: string, path: string, line: number, column: number] | null,
];

/** Rows as one JSON text; users, modules and files are written once each. */
export function encodeRows(rows: readonly Row[]): string {
  const names: string[] = [];
  const known = new Map<string, number>();
  const intern = (name: string): number => {
    let index = known.get(name);
    if (index === undefined) {
      index = names.push(name) - 1;
      known.set(name, index);
    }
    return index;
  };
  const packed = rows.map(
    (row): PackedRow => [
      row.id,
      row.time,
      row.level,
      intern(row.user),
      intern(row.module),
      row.text,
      row.lines,
      row.cut,
      row.flags,
      intern(row.file),
      row.line,
      row.offset,
      row.links.map(({ textLine, start, end, place, library }): PackedLink => [textLine, start, end, ...packPlace(place), library ? 1 : 0]),
      row.libraryRuns.map(({ from, to, frames }) => [from, to, frames]),
      row.raised && [row.raised.label, ...packPlace(row.raised.place)],
    ],
  );
  return JSON.stringify([names, packed]);
}

/** The inverse of encodeRows. Trusts its input: both ends are ours. */
export function decodeRows(blob: string): Row[] {
  const [names, packed] = JSON.parse(blob) as [string[], PackedRow[]];
  const name = (index: number): string => names[index] ?? '';
  return packed.map(([id, time, level, user, module, text, lines, cut, flags, file, line, offset, links, runs, raised]) => ({
    id,
    time,
    level,
    user: name(user),
    module: name(module),
    text,
    lines,
    cut,
    flags,
    file: name(file),
    line,
    offset,
    links: links.map(([textLine, start, end, path, linkLine, column, library]) => ({
      textLine,
      start,
      end,
      place: unpackPlace(path, linkLine, column),
      library: library === 1,
    })),
    libraryRuns: runs.map(([from, to, frames]) => ({ from, to, frames })),
    raised: raised && { label: raised[0], place: unpackPlace(raised[1], raised[2], raised[3]) },
  }));
}

/** A column of 0 is none. */
const packPlace = ({ path, line, column }: Place): [path: string, line: number, column: number] => [path, line, column ?? 0];

const unpackPlace = (path: string, line: number, column: number): Place => (column > 0 ? { path, line, column } : { path, line });
