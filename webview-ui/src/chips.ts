import { html, nothing, type TemplateResult } from 'lit';
import type { Filter, Micros } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';
import { LEVEL_CLASSES, LEVELS } from './levels.ts';
import type { Session } from './session.ts';
import type { Clock } from './time.ts';

interface Chip {
  label: string;
  /** The filter without it. */
  without: Filter;
}

/** What is filtered, each part with a button that takes it away. */
export function chips(session: Session): TemplateResult | typeof nothing {
  const all = partsOf(session.filter, session);
  if (all.length === 0) return nothing;
  return html`<div class="chips" role="region" aria-label=${t('Active filters')}>
    <div class="chip-list" role="list">${all.map(
      ({ label, without }) => html`<span class="chip" role="listitem"><span class="name" title=${label}>${label}</span><button type="button"
        class="codicon codicon-close" aria-label=${t('Remove filter {0}', label)} title=${t('Remove')} @click=${() => session.setFilter(without)}></button></span>`,
    )}</div>
    <button type="button" class="link" @click=${() => session.setFilter({})}>${t('Clear all')}</button>
  </div>`;
}

/** As the query language reads it; without a fraction of a second where there is none. */
function plain(time: Micros, clock: Clock): string {
  const [date = '', ofDay = ''] = clock.full(time, null).split(' ');
  return `${date}T${ofDay.replace('.000000', '')}`;
}

function partsOf(filter: Filter, { clock, settings }: Session): Chip[] {
  const found: Chip[] = [];
  const { level, levels, users = [], modules = [], text, regex, ignoreCase, exceptions, since, until, query } = filter;
  const without = (...names: (keyof Filter)[]): Filter =>
    Object.fromEntries(Object.entries(filter).filter(([name]) => !names.some((one) => one === name)));
  if (level !== undefined) {
    const word = LEVELS.find((known) => known.level === level)?.label ?? t('Level {0}', level);
    found.push({ label: t('{0} and above', word), without: without('level') });
  }
  if (levels !== undefined) {
    const labels = LEVEL_CLASSES.filter(({ name }) => levels.includes(name)).map(({ label }) => label);
    found.push({ label: labels.join(', '), without: without('levels') });
  }
  for (const user of users) found.push({ label: t('user {0}', user), without: { ...filter, users: users.filter((one) => one !== user) } });
  for (const module of modules) {
    found.push({ label: t('module {0}', module), without: { ...filter, modules: modules.filter((one) => one !== module) } });
  }
  if (text !== undefined)
    found.push({ label: ignoreCase ? t('“{0}”', text) : t('“{0}”, matching case', text), without: without('text', 'ignoreCase') });
  if (regex !== undefined) found.push({ label: `/${regex}/${ignoreCase ? 'i' : ''}`, without: without('regex', 'ignoreCase') });
  if (query !== undefined) {
    const named = settings.queries.find((one) => one.query === query);
    found.push({ label: named ? `${named.name}: ${query}` : query, without: without('query', 'queryUtc') });
  }
  if (filter.marked) found.push({ label: t('marked'), without: without('marked') });
  if (exceptions) found.push({ label: t('exceptions'), without: without('exceptions') });
  const bounds = [since === undefined ? '' : `after:${plain(since, clock)}`, until === undefined ? '' : `before:${plain(until, clock)}`];
  if (since !== undefined || until !== undefined) found.push({ label: bounds.join(' ').trim(), without: without('since', 'until') });
  return found;
}
