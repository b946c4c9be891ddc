/**
 * Waits for a promise no longer than the signals allow. Rejects with the reason of the first that aborts, as `fetch` does.
 * Leaves no listener behind: a plugin's signal may live as long as the thread.
 */
export async function untilAborted<Value>(
  promise: Promise<Value>,
  ...signals: readonly (AbortSignal | null | undefined)[]
): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  // Where nothing is waited for any more, its late rejection is nobody's.
  aborted.catch(() => undefined);
  promise.catch(() => undefined);
  const abort = (event: Event): void => {
    if (event.target instanceof AbortSignal) reject(event.target.reason);
  };
  const given = signals.filter((signal) => signal instanceof AbortSignal);
  for (const signal of given) signal.throwIfAborted();
  for (const signal of given) signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    for (const signal of given) signal.removeEventListener('abort', abort);
  }
}
