/** A function of the merchant's is asynchronous, although it must be synchronous. */
class PromiseReturnedError extends Error {
  override readonly name = 'PromiseReturnedError';
}

/**
 * Returns what a merchant's function returned, unless that is a promise. A promise counts as true, has
 * neither a key nor a body, and nobody would wait for it: a destination would get every record, or an
 * empty request. A promise that rejects would even end the function and with it the whole batch.
 * @throws PromiseReturnedError
 */
export function requireSync<Value>(value: Value): Value {
  if (!isThenable(value)) return value;
  value.then(undefined, () => {});
  throw new PromiseReturnedError('A function of a destination returned a promise');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
