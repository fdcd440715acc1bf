/**
 * Runs the garbage collector of this thread, which a thread without work never does by itself: memory that it has shared with another one
 * stays until both have let go of it.
 */
export async function collectGarbage(): Promise<void> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  try {
    // https://chromedevtools.github.io/devtools-protocol/tot/HeapProfiler/#method-collectGarbage
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}
