/**
 * Restrains something that may be asked for with every frame: it runs at once, and while it is asked for more often than every `pause` ms,
 * at the end of each pause.
 */
export function paced(run: () => void, pause: number): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = (): void => {
    timer = undefined;
    last = performance.now();
    run();
  };
  return () => {
    const wait = last + pause - performance.now();
    if (wait <= 0 && timer === undefined) now();
    else timer ??= setTimeout(now, wait);
  };
}
