/**
 * The pace at which one execution environment sends requests to one destination: the interval that its
 * limit asks for, or a longer one while the destination refuses requests.
 */
export interface Pace {
  /** The earliest time for the next request (Unix time in ms). */
  nextAtMs(): number;
  /** Takes the next place, for a request at this time. */
  take(nowMs: number): void;
  /** Gives a place back, when no request was made. */
  giveBack(): void;
  /**
   * The destination refused a request because there were too many.
   * @param startedAtMs when the request began
   * @param retryAfterSeconds its `Retry-After`; null without one
   */
  refused(startedAtMs: number, retryAfterSeconds: number | null, nowMs: number): void;
  /** The destination took a request. */
  accepted(): void;
}

/** The first interval after a refusal, and the longest: an invocation lasts a minute. */
const FIRST_LEARNED_MS = 100;
const MAX_LEARNED_MS = 30_000;
/**
 * Together they let the destination take about 11 requests until the next refusal. Slower more boldly, or
 * faster more timidly, leaves more of what it takes unused (npm run scale: 1.6 of the ideal with 1.5).
 */
const SLOWER_FACTOR = 1.25;
const FASTER_FACTOR = 0.98;
/**
 * So many refusals in a row mean that the destination takes nothing for now, for example because a quota
 * of the day is used up. The pace from before it holds when it takes requests again.
 */
const REFUSALS_OF_ALL = 4;
/** How long nothing is sent after a refusal without a `Retry-After`, times 1 to 2. */
const DEFAULT_PAUSE_MS = 1_000;

/**
 * Creates the pace of a destination.
 * @param intervalMs the time between two requests of one invocation; 0 for no limit
 * @param random from 0 up to 1: environments that were refused together must not come back together
 */
export function createPace(intervalMs: number, random: () => number): Pace {
  let nextMs = 0;
  let pausedUntilMs = 0;
  let learnedMs = 0;
  let slowedAtMs = 0;
  let refusalsInARow = 0;
  /** After the first of them. */
  let firstLearnedMs = 0;
  const currentMs = (): number => Math.max(intervalMs, learnedMs);
  return {
    nextAtMs: () => Math.max(nextMs, pausedUntilMs),
    take(nowMs) {
      // a little late keeps time with the places before; after a pause the places begin anew
      nextMs = (nowMs - nextMs < currentMs() ? nextMs : nowMs) + currentMs();
    },
    giveBack() {
      nextMs -= currentMs();
    },
    refused(startedAtMs, retryAfterSeconds, nowMs) {
      const pauseMs = (retryAfterSeconds ?? DEFAULT_PAUSE_MS / 1_000) * 1_000;
      pausedUntilMs = Math.max(
        pausedUntilMs,
        nowMs + (retryAfterSeconds === null ? pauseMs * (1 + random()) : pauseMs),
      );
      // requests that were under way together are one refusal
      if (startedAtMs < slowedAtMs) return;
      slowedAtMs = nowMs;
      learnedMs = Math.min(MAX_LEARNED_MS, Math.max(FIRST_LEARNED_MS, SLOWER_FACTOR * currentMs()));
      nextMs = Math.max(nextMs, pausedUntilMs + random() * learnedMs);
      refusalsInARow += 1;
      if (refusalsInARow === 1) firstLearnedMs = learnedMs;
    },
    accepted() {
      if (refusalsInARow >= REFUSALS_OF_ALL) learnedMs = Math.min(learnedMs, firstLearnedMs);
      refusalsInARow = 0;
      learnedMs *= FASTER_FACTOR;
      if (learnedMs < FIRST_LEARNED_MS / 2) learnedMs = 0;
    },
  };
}
