import type { Anchor } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';
import type { PageMarks } from './pageMarks.ts';
import type { Selection } from './selection.ts';
import type { Session } from './session.ts';

/** The list, as far as one jumps in it. */
export interface JumpList {
  readonly session: Session;
  readonly selection: Selection;
  readonly marks: PageMarks;
  /** Where one is: the row with the focus where it is drawn, else the first visible one. */
  readonly here: { anchor: Anchor; rank: number };
  follow(on: boolean): void;
  goTo(anchor: Anchor, select: boolean): Promise<void>;
}

/** From one entry to the next of its kind. */
export class Jumps {
  constructor(readonly list: JumpList) {}

  /** Goes to the next or previous entry that passes the filter, where others are shown around it. */
  async toHit(direction: 'next' | 'previous'): Promise<void> {
    const { session, here } = this.list;
    if (session.view === null) return;
    try {
      const { id } = await session.host.request('safelog/view/hit', { view: session.view, from: here.anchor, direction });
      if (id === null) return;
      this.list.follow(false);
      await this.list.goTo({ id }, true);
    } catch (error) {
      session.fail(error);
    }
  }

  /** Goes to the next or previous marked entry from the one with the focus; wraps round. */
  async toMark(direction: 'next' | 'previous'): Promise<void> {
    const { marks, selection, here, session } = this.list;
    const shown = marks.all.filter(({ rank }) => rank !== null);
    const from = selection.cursor?.rank ?? here.rank;
    const later = shown.filter(({ rank }) => (rank ?? 0) > from);
    const earlier = shown.filter(({ rank }) => (rank ?? 0) < from);
    const mark = direction === 'next' ? (later[0] ?? shown[0]) : (earlier.at(-1) ?? shown.at(-1));
    if (!mark) return session.say(t('No entry that is shown here is marked. M marks the one with the focus.'));
    this.list.follow(false);
    await this.list.goTo({ id: mark.id }, true);
  }
}
