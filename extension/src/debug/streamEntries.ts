/** Lines of one stream become entries: what continues an entry (indented lines, the rest of a stack trace) goes into it. Pure. */

const pythonHead = /^Traceback \(most recent call last\):/;
/** All lines of it are indented. */
const groupHead = /^\s+\+ Exception Group Traceback \(most recent call last\):/;
const pythonChain = /^(?:The above exception was the direct cause of|During handling of the above exception, another exception occurred)/;
/** Node prints the place of an uncaught error above its source line and carets. */
const nodeHead = /^(?:file:\/\/|\/|[A-Za-z]:[\\/]).*:\d+$/;
const carets = /^\s*[\^~]+\s*$/;
const indented = /^[ \t]+\S/;
/** Lines from that place to the first frame, at most. */
const maxNodeHead = 20;

/** @param patience for how many tenths of a second without another line the entry counts as unfinished */
export interface EntrySink {
  begin(line: string, patience: number): void;
  /** False where the entry is gone already: the line then begins another one. */
  extend(text: string, patience: number): boolean;
}

/**
 * `trace`: within a traceback of Python's, until its last line; `chain`: behind one that another may follow; `node`: between the place and
 * the first frame of an error of Node's.
 */
type Mode = 'plain' | 'trace' | 'chain' | 'node';

/** A trace is printed line by line, with all that the debugger does in between: its end is waited for. */
const patience: Record<Mode, number> = { plain: 1, trace: 20, chain: 5, node: 20 };

export class StreamEntries {
  readonly #sink: EntrySink;
  #mode: Mode = 'plain';
  /** Empty lines that belong to the entry only if it goes on. */
  #blank = 0;
  #last = '';
  #nodeLines = 0;
  /** An object is being printed. */
  #isBraceOpen = false;

  constructor(sink: EntrySink) {
    this.#sink = sink;
  }

  /** Lines that came together. Empty ones between entries are left out. */
  push(lines: readonly string[]): void {
    for (const [index, line] of lines.entries()) {
      if (line === '' || line === '\r') {
        if (this.#mode !== 'plain') this.#blank++;
        else this.#last = '';
        continue;
      }
      if (!this.#goesOn(line)) this.#begin(line, lines.slice(index + 1, index + 4));
      this.#blank = 0;
      this.#last = line;
      if (line.endsWith('{')) this.#isBraceOpen = true;
      else if (!indented.test(line)) this.#isBraceOpen = false;
    }
  }

  /** A message that is whole: the next line does not continue it. */
  interrupt(): void {
    this.#mode = 'plain';
    this.#blank = 0;
    this.#last = '';
  }

  #goesOn(line: string): boolean {
    if (!this.#continues(line)) return false;
    const mode = this.#after(line);
    if (!this.#sink.extend(`${'\n'.repeat(this.#blank + 1)}${line}`, patience[mode])) return false;
    this.#mode = mode;
    return true;
  }

  #begin(line: string, following: readonly string[]): void {
    this.#nodeLines = 0;
    this.#mode = pythonHead.test(line) ? 'trace' : nodeHead.test(line) && following.some((next) => carets.test(next)) ? 'node' : 'plain';
    this.#sink.begin(line, patience[this.#mode]);
  }

  #continues(line: string): boolean {
    switch (this.#mode) {
      case 'trace':
      case 'node':
        return true;
      case 'chain':
        return this.#last !== '' && (pythonChain.test(line) || (pythonChain.test(this.#last) && pythonHead.test(line)));
      case 'plain':
        if (this.#last === '') return false;
        return (indented.test(line) && !groupHead.test(line)) || (line === '}' && this.#isBraceOpen);
    }
  }

  #after(line: string): Mode {
    switch (this.#mode) {
      case 'trace':
        return indented.test(line) ? 'trace' : 'chain';
      case 'chain':
        return pythonHead.test(line) ? 'trace' : 'chain';
      case 'node':
        return /^\s+at /.test(line) || ++this.#nodeLines >= maxNodeHead ? 'plain' : 'node';
      case 'plain':
        return 'plain';
    }
  }
}
