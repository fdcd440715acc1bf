/** ms that a long job works at a time. */
const SLICE = 8;

/** Runs a job of many steps to its end, and lets everything else have its turn every few ms. */
export async function inSlices<T>(steps: Generator<undefined, T>): Promise<T> {
  for (let until = performance.now() + SLICE; ; ) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < until) continue;
    await new Promise(setImmediate);
    until = performance.now() + SLICE;
  }
}

/** The same for a job that does something with each of many items. */
export const eachInSlices = <T>(items: readonly T[], work: (item: T) => void): Promise<void> =>
  inSlices(
    (function* () {
      for (const item of items) {
        work(item);
        yield;
      }
    })(),
  );
