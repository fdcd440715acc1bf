import type { RecordId } from '../../server/src/protocol.ts';
import { type InputLook, InputWidget } from './inputWidget.ts';
import { t } from './l10n.ts';

/** Writes a note beside a mark. */
export class NoteWidget extends InputWidget {
  #ids: readonly RecordId[] = [];

  /** For the selected entries; without any it stays away. */
  override async show(): Promise<void> {
    const { selection, marks } = this.list;
    this.#ids = selection.ids();
    const [first] = this.#ids;
    if (first === undefined) return;
    this.value = marks.get(first)?.note ?? '';
    await super.show();
  }

  protected override look(): InputLook {
    return { role: 'dialog', label: t('Note'), placeholder: t('Note (empty: only a mark)'), action: t('Keep Note'), icon: 'check' };
  }

  protected override accept(): void {
    void this.list.marks.set(this.#ids, this.value.trim());
    this.hide();
  }
}

customElements.define('safelog-note', NoteWidget);
