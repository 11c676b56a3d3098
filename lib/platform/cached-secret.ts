/** How long a secret is used without asking whether it is still the one. */
const TTL_MS = 300_000;
/**
 * The least time between two reads while there is something to work with: a flood of forged calls, or
 * of refused deliveries, cannot turn into a flood of reads. Shorter than the sender's first wait (a
 * minute: vendor facts, section 1), so that a webhook that was refused in this time is accepted when it
 * comes again.
 */
const MIN_REFRESH_INTERVAL_MS = 30_000;
/** The same while there is nothing, and everybody is asked to come again. */
const RETRY_INTERVAL_MS = 1_000;

/**
 * What a secret is good for. With `newest`, wanted after it was of no use, it is read again unless that
 * was done a short while ago; when nothing has changed, the answer is the same object.
 * Rejects with a SecretError when it cannot be read: without `newest` only if it never could.
 */
export type CachedSecret<Value> = (freshness?: 'newest') => Promise<Value>;

/** There is no secret to work with. The cause is the store's own error, of which only the class may be told. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/** What is needed to keep a secret. */
export interface CachedSecretDeps<Value> {
  /** The secret's text. Rejects when it cannot be read. */
  readonly read: () => Promise<string>;
  /** What is made of the text; a throw counts as unreadable. */
  readonly parse: (text: string) => Value;
  /** Whether that is something to work with. */
  readonly isUsable: (value: Value) => boolean;
  readonly now: () => Date;
  /** Hears of every look that succeeded. */
  readonly onRefresh?: (value: Value) => void;
  /** Hears of every look that failed, and whether an earlier secret goes on being used. */
  readonly onFailure?: (error: unknown, hasCached: boolean) => void;
}

/**
 * Keeps a secret for one execution environment, and looks for a new one so that a rotation needs no
 * deploy. When it cannot be read again, the older one goes on: a leaked and withdrawn secret would be
 * good for as long as the store is out of reach, which is rare and short, while doing nothing for so
 * long would stop campaigns.
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
      const text = await deps.read();
      if (cached?.text !== text) cached = { text, value: deps.parse(text) };
      deps.onRefresh?.(cached.value);
      lastRead = { atMs: now().getTime(), failure: null };
    } catch (error) {
      deps.onFailure?.(error, cached !== null);
      lastRead = { atMs: now().getTime(), failure: { cause: error } };
    }
  };
  /** Calls at the same time share one read. */
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

/** The class of what went wrong. Powertools wraps the error of the store, whose class says more. */
export function rootErrorName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return error.cause instanceof Error ? rootErrorName(error.cause) : error.name;
}
