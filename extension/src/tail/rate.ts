/** Lines per second over the last seconds. Pure. */

const SECONDS = 5;

export class Rate {
  #counts = new Map<number, number>();

  /** @param now ms */
  add(lines: number, now: number): void {
    const second = Math.floor(now / 1000);
    this.#counts.set(second, (this.#counts.get(second) ?? 0) + lines);
  }

  /** Of whole seconds before this one, and this one where it has more. */
  perSecond(now: number): number {
    const second = Math.floor(now / 1000);
    let sum = 0;
    for (const [at, count] of this.#counts) {
      if (at < second - SECONDS) this.#counts.delete(at);
      else if (at < second) sum += count;
    }
    return Math.max(Math.round(sum / SECONDS), Math.round((this.#counts.get(second) ?? 0) / SECONDS));
  }
}
