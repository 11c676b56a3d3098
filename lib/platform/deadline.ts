/** There was no result in time. It has the name that the AWS SDK and the web platform give to a timeout. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Runs an operation that only the other side can end, and rejects with a TimeoutError when its time is
 * over, whatever the other side does. The timeouts of the AWS SDK are not enough: they end with the
 * headers of a response, and a service can ask the SDK to wait before it tries again.
 * @param run gets a signal that aborts when the time is over. It may ignore it
 */
export async function withDeadline<Value>(
  deadlineMs: number,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), deadlineMs);
  try {
    return await rejectOnAbort(run(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves as the promise does, or rejects with a TimeoutError when the signal aborts first. */
export async function rejectOnAbort<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(new TimeoutError('There was no result in time'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
