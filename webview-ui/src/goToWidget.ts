import { type InputLook, InputWidget } from './inputWidget.ts';
import { t } from './l10n.ts';
import { parseTime } from './time.ts';

/** Goes to a time that one types. */
export class GoToWidget extends InputWidget {
  protected override look(): InputLook {
    const { clock } = this.list.session;
    const time = this.#time();
    const wrong = time === null && this.value.trim() !== '';
    const hint = wrong
      ? t('Write a date and time, a time of day, or how long ago: 10m, 2h, 1d')
      : time === null
        ? t('Times are read as {0}. 2026-11-20 22:56, 22:56:00, 10m ago', clock.zoneName)
        : `${clock.date(time, null)} ${clock.time(time, null)} ${clock.zoneName}`;
    const label = t('Go to time');
    return { role: 'search', label, placeholder: label, action: t('Go'), icon: 'arrow-right', unusable: time === null, wrong, hint };
  }

  protected override accept(): void {
    const time = this.#time();
    if (time === null) return;
    this.hide();
    void this.list.goTo({ time }, true);
  }

  #time(): number | null {
    const now = Date.now() * 1000;
    const top = this.list.top;
    return parseTime(this.value, this.list.session.clock, top?.time ?? now, top?.offset ?? null, now);
  }
}

customElements.define('safelog-go-to', GoToWidget);
