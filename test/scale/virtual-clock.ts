/** A timer of the virtual clock. */
export interface VirtualTimer {
  readonly atMs: number;
  /** Timers of the same instant run in the order in which they were set. */
  readonly order: number;
  /** Null when it was cancelled, or has run. */
  run: (() => void) | null;
}

/**
 * Time that passes only when nothing else is left to do: whatever waits for a timer of this clock runs at
 * once, in the order of the times, and days take seconds.
 */
export interface VirtualClock {
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
  readonly now: () => Date;
  /** Runs a function at a time; at once when that is over. */
  readonly at: (atMs: number, run: () => void) => VirtualTimer;
  readonly cancel: (timer: VirtualTimer) => void;
  /** Resolves after that many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /**
   * Lets time pass until `isDone` or until no timer is left. Between two timers everything runs that the
   * first one caused. Rejects with what a timer throws.
   */
  readonly run: (isDone?: () => boolean) => Promise<void>;
}

/** How many steps until other work of the process (its output, messages to its parent) gets a turn. */
const STEPS_PER_TURN = 20_000;
const MIN_CANCELLED_TO_SWEEP = 20_000;

/** Creates a clock that stands at `startMs` (Unix time in milliseconds). */
export function createVirtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  let orders = 0;
  let cancelled = 0;
  let heap = createHeap<VirtualTimer>(comesBefore);

  const at = (atMs: number, run: () => void): VirtualTimer => {
    const timer = { atMs: Math.max(nowMs, atMs), order: orders, run };
    orders += 1;
    heap.push(timer);
    return timer;
  };
  const sweep = (): void => {
    const live = createHeap<VirtualTimer>(comesBefore);
    for (const timer of heap.items) if (timer.run !== null) live.push(timer);
    heap = live;
    cancelled = 0;
  };
  return {
    nowMs: () => nowMs,
    now: () => new Date(nowMs),
    at,
    cancel(timer) {
      if (timer.run === null) return;
      timer.run = null;
      cancelled += 1;
      if (cancelled > MIN_CANCELLED_TO_SWEEP && cancelled > heap.items.length / 2) sweep();
    },
    wait: (ms) => new Promise((resolve) => void at(nowMs + Math.max(0, ms), resolve)),
    run(isDone = () => false) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      let steps = 0;
      const step = (): void => {
        try {
          if (isDone()) return resolve();
          let timer = heap.pop();
          while (timer !== undefined && timer.run === null) {
            cancelled -= 1;
            timer = heap.pop();
          }
          if (timer === undefined) return resolve();
          nowMs = timer.atMs;
          const { run } = timer;
          timer.run = null;
          run?.();
        } catch (error) {
          return reject(error);
        }
        steps += 1;
        if (steps % STEPS_PER_TURN === 0) setImmediate(step);
        // Node empties its queue of microtasks before the next tick, so all that awaits has gone on
        else queueMicrotask(() => process.nextTick(step));
      };
      setImmediate(step);
      return promise;
    },
  };
}

/**
 * Makes the global `setTimeout` and `clearTimeout` those of the virtual clock, for code that uses them
 * directly: the outer deadlines of the product. Returns the function that puts the real ones back.
 */
export function installVirtualTimers(clock: VirtualClock): () => void {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  Object.assign(globalThis, {
    setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      clock.at(clock.nowMs() + ms, () => run(...args)),
    clearTimeout: (timer?: VirtualTimer) => {
      if (timer !== undefined) clock.cancel(timer);
    },
  });
  return () => void Object.assign(globalThis, real);
}

/** A binary heap: `pop` returns the item that comes before all others. */
export interface Heap<Item> {
  /** In no useful order. */
  readonly items: readonly Item[];
  readonly push: (item: Item) => void;
  readonly pop: () => Item | undefined;
  readonly peek: () => Item | undefined;
}

/** Creates an empty heap. */
export function createHeap<Item>(isBefore: (one: Item, other: Item) => boolean): Heap<Item> {
  const items: Item[] = [];
  return {
    items,
    peek: () => items[0],
    push(item) {
      let place = items.length;
      items.push(item);
      while (place > 0) {
        const parentPlace = (place - 1) >> 1;
        const parent = items[parentPlace] as Item;
        if (!isBefore(item, parent)) break;
        items[place] = parent;
        place = parentPlace;
      }
      items[place] = item;
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (items.length === 0 || last === undefined) return first;
      let place = 0;
      for (;;) {
        let child = 2 * place + 1;
        if (child >= items.length) break;
        const right = child + 1;
        if (right < items.length && isBefore(items[right] as Item, items[child] as Item)) {
          child = right;
        }
        if (!isBefore(items[child] as Item, last)) break;
        items[place] = items[child] as Item;
        place = child;
      }
      items[place] = last;
      return first;
    },
  };
}

function comesBefore(one: VirtualTimer, other: VirtualTimer): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
