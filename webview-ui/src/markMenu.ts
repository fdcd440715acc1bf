import type { ShownMark } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';
import type { MenuItem } from './menu.ts';
import type { TimelineList } from './timelineList.ts';

/** Marks that the menu lists: the newest. More are found by showing only the marked ones. */
const LISTED = 20;
const MAX_LABEL = 60;

/** What can be done with marks, and the marks themselves. */
export function markMenu(list: TimelineList): MenuItem[] {
  const { marks, session, selection } = list;
  const none = selection.size === 0;
  const shown = marks.ranks.length === 0;
  const { marked, ...others } = session.filter;
  return [
    { kind: 'action', label: t('Mark or Unmark'), keys: 'M', disabled: none, run: () => void marks.toggle(selection.ids()) },
    { kind: 'action', label: t('Edit Note…'), keys: 'N', disabled: none, run: () => session.command.fire('editNote') },
    { kind: 'action', label: t('Next Mark'), keys: 'F2', disabled: shown, run: () => void list.jumps.toMark('next') },
    { kind: 'action', label: t('Previous Mark'), keys: t('Shift+F2'), disabled: shown, run: () => void list.jumps.toMark('previous') },
    {
      kind: 'check',
      label: t('Show Only Marked'),
      checked: marked === true,
      run: () => void session.setFilter(marked ? others : { ...session.filter, marked: true }),
    },
    ...(marks.all.length > 0 ? [{ kind: 'separator' } as const] : []),
    ...marks.all.slice(-LISTED).map((mark): MenuItem => {
      const { id, rank } = mark;
      return {
        kind: 'action',
        icon: 'bookmark',
        label: labelOf(mark, list),
        disabled: rank === null,
        run: () => void list.goTo({ id }, true),
      };
    }),
  ];
}

function labelOf({ time, offset, note, line }: ShownMark, { session }: TimelineList): string {
  const text = note || line;
  return `${session.clock.time(time, offset)}  ${text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL)}…` : text}`;
}
