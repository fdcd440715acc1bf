import { render } from 'lit';
import { type ColumnName, columnNames, type TimeZoneSetting } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';
import type { Menu, MenuItem } from './menu.ts';
import { sash } from './sash.ts';
import type { Session } from './session.ts';
import { timeColumnNames } from './timeColumn.ts';

const NEXT_ZONE: Record<TimeZoneSetting, TimeZoneSetting> = { local: 'utc', utc: 'file', file: 'local' };
const LABELS: Record<ColumnName, string> = { level: t('Level'), user: t('User'), module: t('Module') };
/** px that a column may be made wide. */
const LEAST = 24;
const MOST = 600;

/** The names of the columns, the zone of the times, and the date of the first visible row; with what they can be changed by. */
export function columnHeader(session: Session, menu: Menu) {
  const element = document.createElement('div');
  element.className = 'columns';
  element.setAttribute('role', 'row');
  element.setAttribute('aria-rowindex', '1');
  const zone = button('zone');
  const more = button('more codicon codicon-settings');
  more.title = t('Columns (Shift+F10)');
  more.setAttribute('aria-label', t('Columns'));
  more.setAttribute('aria-haspopup', 'menu');
  const date = document.createElement('span');
  date.className = 'date';
  const heading = (part: string, label: string, ...content: HTMLElement[]): HTMLElement => {
    const cell = document.createElement('span');
    cell.setAttribute('part', part);
    cell.setAttribute('role', 'columnheader');
    if (label) cell.append(labelled(label));
    cell.append(...content);
    return cell;
  };
  const edges = new Map(columnNames.map((name) => [name, document.createElement('span')]));
  const cells = new Map(
    columnNames.map((name) => [name, heading(name, LABELS[name], ...[edges.get(name)].filter((edge) => edge !== undefined))]),
  );
  for (const edge of edges.values()) edge.className = 'edge';
  const flags = heading('flags', t('Marks'));
  flags.firstElementChild?.classList.add('for-screen-readers');
  const text = heading('text', t('Message'), date, more);
  element.append(flags, heading('time', '', zone), ...cells.values(), text);
  more.addEventListener('click', () => void menu.openAt(more, t('Columns'), items(session)));
  element.addEventListener('contextmenu', (event) => {
    event.preventDefault();
    event.stopPropagation();
    const at = event.clientX === 0 && event.clientY === 0 ? more : { x: event.clientX, y: event.clientY };
    void menu.openAt(at, t('Columns'), items(session));
  });
  let shown = '';

  const edge = (name: ColumnName): void => {
    const container = edges.get(name);
    const cell = cells.get(name);
    if (!container || !cell) return;
    const { widths } = session.layout;
    const resize = (width: number): void => session.arrange({ widths: { ...session.layout.widths, [name]: width } });
    const reset = (): void => {
      const { [name]: _, ...others } = session.layout.widths;
      session.arrange({ widths: others });
    };
    const value = widths[name] ?? cell.getBoundingClientRect().width;
    render(sash({ label: t('Width of {0}', LABELS[name]), value, least: LEAST, most: MOST, grows: 'right', resize, reset }), container);
  };

  return {
    element,
    /** The head of the text's column: as wide as the texts are. */
    text,
    showDate(day: string): void {
      if (date.textContent !== day) date.textContent = day;
    },
    update(): void {
      const { clock, settings, state, layout } = session;
      const longest = (names: readonly string[] = [], least: number, most: number): number =>
        Math.min(most, Math.max(least, ...names.slice(0, 2000).map((name) => name.length)));
      const [user, module] = [longest(state?.users, LABELS.user.length, 12), longest(state?.modules, LABELS.module.length, 22)];
      const wanted = JSON.stringify([user, module, settings.microseconds, clock.zoneName, layout]);
      if (wanted === shown) return;
      shown = wanted;
      const { label, help } = timeColumnNames[layout.time];
      const told = layout.time === 'absolute';
      zone.textContent = told ? clock.zoneName : label;
      zone.title = told ? t('{0}. Click to change.', clock.zoneHelp) : t('{0}. Click to show the time.', help);
      zone.setAttribute('aria-label', told ? t('Time zone: {0}', clock.zoneName) : label);
      zone.onclick = () => (told ? session.set('timeZone', NEXT_ZONE[settings.timeZone]) : session.arrange({ time: 'absolute' }));
      const { style } = document.documentElement;
      const px = (name: ColumnName, characters: number): string => {
        const width = layout.widths[name];
        return width === undefined ? `${characters}ch` : `${width}px`;
      };
      const characters = { absolute: 12, relative: 12, previous: 14, selected: 14 }[layout.time] + (settings.microseconds ? 3 : 0);
      style.setProperty('--time-width', `${characters}ch`);
      style.setProperty('--level-width', px('level', 8));
      style.setProperty('--user-width', px('user', user));
      style.setProperty('--module-width', px('module', module));
      for (const name of columnNames) {
        document.documentElement.classList.toggle(`without-${name}`, layout.hidden.includes(name));
        edge(name);
      }
    },
  };
}

/** What the header's menu offers. */
function items(session: Session): MenuItem[] {
  const { layout, settings } = session;
  const toggle = (name: ColumnName): MenuItem => ({
    kind: 'check',
    label: LABELS[name],
    checked: !layout.hidden.includes(name),
    run: () => session.arrange({ hidden: columnNames.filter((one) => layout.hidden.includes(one) !== (one === name)) }),
  });
  return [
    ...(Object.keys(timeColumnNames) as (keyof typeof timeColumnNames)[]).map(
      (time): MenuItem => ({
        kind: 'radio',
        label: timeColumnNames[time].label,
        title: timeColumnNames[time].help,
        checked: layout.time === time,
        run: () => session.arrange({ time }),
      }),
    ),
    {
      kind: 'check',
      label: t('Microseconds'),
      checked: settings.microseconds,
      run: () => session.set('microseconds', !settings.microseconds),
    },
    { kind: 'separator' },
    ...columnNames.map(toggle),
    { kind: 'separator' },
    { kind: 'action', label: t('Reset Columns'), run: () => session.arrange({ time: 'absolute', hidden: [], widths: {} }) },
  ];
}

function button(className: string): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = className;
  return element;
}

function labelled(text: string): HTMLElement {
  const label = document.createElement('span');
  label.textContent = text;
  return label;
}
