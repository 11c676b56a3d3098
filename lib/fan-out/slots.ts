/** Runs a task when there is room for it, and hands on what becomes of it. */
export type LimitFunction = <Result>(task: () => Promise<Result>) => Promise<Result>;

/**
 * Room for that many tasks at once; the others wait in the order in which they came.
 * @param count at least 1
 */
export function pLimit(count: number): LimitFunction {
  let free = count;
  const waiting: (() => void)[] = [];
  const taken = async (): Promise<void> => {
    if (free > 0) {
      free -= 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    await promise;
  };
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async (task) => {
    await taken();
    try {
      return await task();
    } finally {
      release();
    }
  };
}
