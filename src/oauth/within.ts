/**
 * `work`, but at most `ms`, and until `signal` aborts. Undefined: the time is over; the work goes on. A rejection of `work` is
 * passed on, if it is still waited for, and never goes unhandled.
 */
export async function within<Result>(
  work: Promise<Result>,
  ms: number,
  signal?: AbortSignal,
): Promise<Result | undefined> {
  const over = Promise.withResolvers<undefined>();
  const end = (): void => over.resolve(undefined);
  if (signal?.aborted === true) end();
  const timer = setTimeout(end, ms);
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
