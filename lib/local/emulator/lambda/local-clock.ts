import timers from 'node:timers/promises';
import { syncBuiltinESMExports } from 'node:module';

/** The clock of one thread, which can run faster while its handler waits. */
export interface LocalClock {
  /** @param speed how many times faster than real time; 1 for real time. It also applies to a wait that has begun */
  setSpeed(speed: number): void;
  /** Sets the clock right. Between two invocations nothing waits. */
  reset(): void;
}

/**
 * Takes the place of the clock of this thread. While the handler waits by `setTimeout` of
 * node:timers/promises, without a signal, time runs at the speed: the wait is over sooner, and the clock
 * says that it took its time. That is how fanOut waits for its pace and for an open circuit. Timers that
 * end something else, such as an attempt at its timeout, run in real time: receivers and emulators do not
 * get faster. At speed 1 nothing differs.
 */
export function installLocalClock(): LocalClock {
  const RealDate = Date;
  const realWait = timers.setTimeout;
  let speed = 1;
  let skewMs = 0;
  let countedAtMs = performance.now();
  let waiting = 0;
  let speedChanged = Promise.withResolvers<void>();
  /** Adds what the clock has gained since the last call. */
  const countSkew = (): void => {
    const nowMs = performance.now();
    if (waiting > 0) skewMs += (nowMs - countedAtMs) * (speed - 1);
    countedAtMs = nowMs;
  };
  const now = (): number => {
    countSkew();
    return Math.floor(RealDate.now() + skewMs);
  };
  const wait = async (ms: number): Promise<void> => {
    const endsAtMs = now() + ms;
    waiting += 1;
    try {
      for (let leftMs = ms; leftMs > 0; leftMs = endsAtMs - now()) {
        const ended = new AbortController();
        const timer = realWait(Math.ceil(leftMs / speed), undefined, { signal: ended.signal });
        await Promise.race([timer.catch(() => {}), speedChanged.promise]);
        ended.abort();
      }
    } finally {
      countSkew();
      waiting -= 1;
    }
  };
  Object.assign(timers, {
    async setTimeout(ms = 0, value?: unknown, options: { readonly signal?: AbortSignal } = {}) {
      if (options.signal !== undefined) return realWait(ms, value, options);
      await wait(ms);
      return value;
    },
  });
  syncBuiltinESMExports();
  globalThis.Date = new Proxy(RealDate, {
    // of the ways to make a date, only the one without input asks the clock
    construct: (target, input: [number]) =>
      input.length > 0 ? new target(...input) : new target(now()),
    get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
  });
  return {
    setSpeed(newSpeed) {
      countSkew();
      speed = newSpeed;
      speedChanged.resolve();
      speedChanged = Promise.withResolvers<void>();
    },
    reset() {
      countSkew();
      if (waiting === 0) skewMs = 0;
    },
  };
}
