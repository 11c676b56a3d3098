import { SECRET_DEADLINE_MS } from './aws-timeouts.ts';
import { withDeadline } from './deadline.ts';

/** How long a secret is used before it is read again. */
const TTL_MS = 300_000;
/**
 * The least time between two reads while a usable value is cached: a flood of forged webhooks, or of
 * deliveries that a destination rejects, cannot become a flood of reads. It is shorter than the
 * sender's first wait (a minute: vendor facts, section 1), so a webhook that was rejected in this time
 * is accepted when it comes again.
 */
const MIN_REFRESH_INTERVAL_MS = 30_000;
/** The least time between two reads while no usable value is cached: every webhook gets a 503 then. */
const RETRY_INTERVAL_MS = 1_000;

/**
 * Returns the current value of a secret. With `newest`, for a caller whose cached value was rejected,
 * it reads the secret again, but not within MIN_REFRESH_INTERVAL_MS of the last read. An unchanged
 * secret gives the same object. Rejects with a SecretError when the secret could never be read, and
 * with `newest` also when the last read failed.
 */
export type CachedSecret<Value> = (freshness?: 'newest') => Promise<Value>;

/** The secret could not be read. `cause` is the store's own error, of which only the class may be logged. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/** The dependencies of a cached secret. */
export interface CachedSecretDeps<Value> {
  /** Reads the secret's text. Rejects when it cannot be read; taking too long counts as that. */
  readonly read: () => Promise<string>;
  /** Turns the text into a value. A text that it throws on counts as a secret that cannot be read. */
  readonly parse: (text: string) => Value;
  /** Says whether a value can be used. One that cannot is read again after RETRY_INTERVAL_MS. */
  readonly isUsable: (value: Value) => boolean;
  readonly now: () => Date;
  /** Called after every read that succeeded. */
  readonly onRefresh?: (value: Value) => void;
  /** Called after every read that failed; `hasCached` says whether an older value stays in use. */
  readonly onFailure?: (error: unknown, hasCached: boolean) => void;
}

/**
 * Caches a secret for one execution environment and reads it again from time to time, so that a
 * rotation needs no deployment. While it cannot be read, the older value stays in use. The price: a
 * leaked secret that was withdrawn works for as long as the store is out of reach, which is rare and
 * short. The alternative, to reject everything for that time, would stop campaigns.
 */
export function createCachedSecret<Value>(deps: CachedSecretDeps<Value>): CachedSecret<Value> {
  const { now } = deps;
  let cached: { readonly text: string; readonly value: Value } | null = null;
  let lastRead: {
    readonly atMs: number;
    readonly failure: { readonly cause: unknown } | null;
  } | null = null;
  let pendingRefresh: Promise<void> | null = null;

  const refreshOnce = async (): Promise<void> => {
    try {
      // concurrent calls share this read, so one that never settles would stop all of them for ever
      const text = await withDeadline(SECRET_DEADLINE_MS, deps.read);
      if (cached?.text !== text) cached = { text, value: deps.parse(text) };
      deps.onRefresh?.(cached.value);
      lastRead = { atMs: now().getTime(), failure: null };
    } catch (error) {
      deps.onFailure?.(error, cached !== null);
      lastRead = { atMs: now().getTime(), failure: { cause: error } };
    }
  };
  /** Concurrent calls share one read. */
  const refresh = (): Promise<void> => {
    pendingRefresh ??= refreshOnce().finally(() => {
      pendingRefresh = null;
    });
    return pendingRefresh;
  };
  const isDue = (freshness: 'newest' | undefined): boolean => {
    if (lastRead === null) return true;
    const ageMs = now().getTime() - lastRead.atMs;
    if (cached === null || !deps.isUsable(cached.value)) return ageMs >= RETRY_INTERVAL_MS;
    const isTrusted = freshness === undefined && lastRead.failure === null;
    return ageMs >= (isTrusted ? TTL_MS : MIN_REFRESH_INTERVAL_MS);
  };

  return async (freshness) => {
    if (isDue(freshness)) await refresh();
    const failure = lastRead?.failure ?? null;
    if (cached === null || (freshness === 'newest' && failure !== null)) {
      throw new SecretError('The secret cannot be read', failure ?? {});
    }
    return cached.value;
  };
}
