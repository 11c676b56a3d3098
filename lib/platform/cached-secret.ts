/** How long a secret is used without asking whether it is still the one. */
const KEPT_FOR_MS = 300_000;
/**
 * The least time between two reads while there is something to work with: a flood of forged calls, or
 * of refused deliveries, cannot turn into a flood of reads. Shorter than the sender's first wait (a
 * minute: vendor facts, section 1), so that a webhook that was refused in this time is accepted when it
 * comes again.
 */
const LOOK_AGAIN_MS = 30_000;
/** The same while there is nothing, and everybody is asked to come again. */
const TRY_AGAIN_MS = 1_000;

/**
 * What a secret is good for. With `newest`, wanted after it was of no use, it is read again unless that
 * was done a short while ago; when nothing has changed, the answer is the same object.
 * Rejects with a SecretError when it cannot be read: without `newest` only if it never could.
 */
export type KeptSecret<Value> = (wanted?: 'newest') => Promise<Value>;

/** There is no secret to work with. The cause is the store's own error, of which only the class may be told. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/** What is needed to keep a secret. */
export interface KeptSecretDeps<Value> {
  /** The secret's text. Rejects when it cannot be read. */
  readonly read: () => Promise<string>;
  /** What is made of the text; a throw counts as unreadable. */
  readonly parse: (text: string) => Value;
  /** Whether that is something to work with. */
  readonly isEnough: (value: Value) => boolean;
  readonly now: () => Date;
  /** Hears of every look that succeeded. */
  readonly onRead?: (value: Value) => void;
  /** Hears of every look that failed, and whether an earlier secret goes on being used. */
  readonly onFailure?: (error: unknown, hasEarlier: boolean) => void;
}

/**
 * Keeps a secret for one execution environment, and looks for a new one so that a rotation needs no
 * deploy. When it cannot be read again, the older one goes on: a leaked and withdrawn secret would be
 * good for as long as the store is out of reach, which is rare and short, while doing nothing for so
 * long would stop campaigns.
 */
export function createKeptSecret<Value>(deps: KeptSecretDeps<Value>): KeptSecret<Value> {
  const { now } = deps;
  let known: { readonly text: string; readonly value: Value } | null = null;
  let last: { readonly atMs: number; readonly failure: { readonly cause: unknown } | null } | null =
    null;
  let looking: Promise<void> | null = null;

  const lookOnce = async (): Promise<void> => {
    try {
      const text = await deps.read();
      if (known?.text !== text) known = { text, value: deps.parse(text) };
      deps.onRead?.(known.value);
      last = { atMs: now().getTime(), failure: null };
    } catch (error) {
      deps.onFailure?.(error, known !== null);
      last = { atMs: now().getTime(), failure: { cause: error } };
    }
  };
  /** Calls at the same time share one read. */
  const look = (): Promise<void> => {
    looking ??= lookOnce().finally(() => {
      looking = null;
    });
    return looking;
  };
  const isDue = (wanted: 'newest' | undefined): boolean => {
    if (last === null) return true;
    const ageMs = now().getTime() - last.atMs;
    if (known === null || !deps.isEnough(known.value)) return ageMs >= TRY_AGAIN_MS;
    const settled = wanted === undefined && last.failure === null;
    return ageMs >= (settled ? KEPT_FOR_MS : LOOK_AGAIN_MS);
  };

  return async (wanted) => {
    if (isDue(wanted)) await look();
    const failure = last?.failure ?? null;
    if (known === null || (wanted === 'newest' && failure !== null)) {
      throw new SecretError('The secret cannot be read', failure ?? {});
    }
    return known.value;
  };
}

/** The class of what went wrong. Powertools wraps the error of the store, whose class says more. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return error.cause instanceof Error ? causeOf(error.cause) : error.name;
}
