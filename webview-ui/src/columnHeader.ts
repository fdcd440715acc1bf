import type { TimeZoneSetting } from '../../server/src/protocol.ts';
import type { Session } from './session.ts';

const NEXT_ZONE: Record<TimeZoneSetting, TimeZoneSetting> = { local: 'utc', utc: 'file', file: 'local' };

/** The names of the columns, the zone of the times, and the date of the first visible row. */
export function columnHeader() {
  const element = document.createElement('div');
  element.className = 'columns';
  element.setAttribute('role', 'row');
  element.setAttribute('aria-rowindex', '1');
  const zone = document.createElement('button');
  zone.type = 'button';
  zone.className = 'zone';
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
  const flags = heading('flags', 'Marks');
  flags.firstElementChild?.classList.add('for-screen-readers');
  const text = heading('text', 'Message', date);
  element.append(flags, heading('time', '', zone), heading('level', 'Level'), heading('user', 'User'), heading('module', 'Module'), text);
  let widths = '';

  return {
    element,
    /** The head of the text's column: as wide as the texts are. */
    text,
    showDate(shown: string): void {
      if (date.textContent !== shown) date.textContent = shown;
    },
    update(session: Session): void {
      const { clock, settings, state } = session;
      zone.textContent = clock.zoneName;
      zone.title = `${clock.zoneHelp}. Click to change.`;
      zone.setAttribute('aria-label', `Time zone: ${clock.zoneName}`);
      zone.onclick = () => session.set('timeZone', NEXT_ZONE[settings.timeZone]);
      const longest = (names: readonly string[] = [], least: number, most: number): number =>
        Math.min(most, Math.max(least, ...names.slice(0, 2000).map((name) => name.length)));
      const wanted = `${longest(state?.users, 4, 12)} ${longest(state?.modules, 6, 22)} ${settings.microseconds}`;
      if (wanted === widths) return;
      widths = wanted;
      const [user, module] = wanted.split(' ');
      const style = document.documentElement.style;
      style.setProperty('--time-width', settings.microseconds ? '15ch' : '12ch');
      style.setProperty('--user-width', `${user}ch`);
      style.setProperty('--module-width', `${module}ch`);
    },
  };
}

function labelled(text: string): HTMLElement {
  const label = document.createElement('span');
  label.textContent = text;
  return label;
}
