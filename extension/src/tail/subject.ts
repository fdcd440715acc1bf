/** What a tail is of, as its document's URI tells it: the URI is all that is left after a reload. */

import { basename, dirname, join } from 'node:path';
import { Uri } from 'vscode';
import type { Filter, Source } from '../../../server/src/protocol.ts';
import { schemes } from '../ids.ts';

/** A log; or everything of one user, null: of all users, merged. */
export type TailSubject = { kind: 'log'; path: string } | { kind: 'merged'; root: string; user: string | null };

/** The number tells the documents of one subject apart, one after the other. `name` is what the tab says of a merged one. */
export function tailUri(subject: TailSubject, number: number, name = 'merged'): Uri {
  if (subject.kind === 'log') return Uri.file(subject.path).with({ scheme: schemes.tail, query: String(number) });
  const { root, user } = subject;
  const query = new URLSearchParams({ number: String(number), ...(user !== null && { user }) }).toString();
  return Uri.file(join(root, `${name}.log`)).with({ scheme: schemes.tail, query: `merged&${query}` });
}

export function subjectOf(uri: Uri): TailSubject {
  if (!uri.query.startsWith('merged&')) return { kind: 'log', path: uri.fsPath };
  return { kind: 'merged', root: dirname(uri.fsPath), user: new URLSearchParams(uri.query).get('user') };
}

/** The same subject's next document. */
export function nextUri(uri: Uri): Uri {
  const subject = subjectOf(uri);
  const number = Number(subject.kind === 'log' ? uri.query || '1' : new URLSearchParams(uri.query).get('number'));
  return tailUri(subject, number + 1, basename(uri.fsPath, '.log'));
}

/** The same for every document of a subject. */
export function keyOf(subject: TailSubject): string {
  return JSON.stringify(subject.kind === 'log' ? [subject.path] : [subject.root, subject.user]);
}

export function sourceOf(subject: TailSubject): Source {
  return subject.kind === 'log' ? { kind: 'file', path: subject.path } : { kind: 'tree', root: subject.root };
}

/** @param query in the query language; empty for none */
export function filterOf(subject: TailSubject, query: string): Filter {
  return { ...(subject.kind === 'merged' && subject.user !== null && { users: [subject.user] }), ...(query !== '' && { query }) };
}
