import { type SigningKey, signingKey } from '../voucherify/signature.ts';
import type { Journal } from './journal.ts';

/** How long keys are used without asking whether they are still the ones. */
const KEPT_FOR_MS = 300_000;
/**
 * The least time between two reads while keys are at hand: forged calls cannot turn into a flood of
 * reads. Shorter than the sender's first wait (a minute: vendor facts, section 1), so that a webhook
 * that was refused in this time is accepted when it comes again.
 */
const LOOK_AGAIN_MS = 30_000;
/** The same while there is nothing to judge by, and every webhook is asked to come again. */
const TRY_AGAIN_MS = 1_000;

/**
 * The keys that webhooks may be signed with; none when no secret is configured. With `newest`, wanted
 * after a signature that did not match, they are read again unless that was done a short while ago;
 * when nothing has changed, the answer is the same array.
 * Rejects when they cannot be read: without `newest` only if they never could.
 */
export type SigningKeys = (wanted?: 'newest') => Promise<readonly SigningKey[]>;

/** What is needed to know the keys. */
export interface WebhookKeysDeps {
  /** The secrets, one a line: two of them during a rotation. Rejects when they cannot be read. */
  readonly read: () => Promise<string>;
  readonly journal: Journal;
  readonly now: () => Date;
}

interface Known {
  readonly text: string;
  readonly keys: readonly SigningKey[];
}

/**
 * Keeps the keys of one execution environment, and looks for new ones so that a rotation needs no
 * deploy. When they cannot be read again, the older ones go on: a leaked and withdrawn secret would
 * be good for as long as the store is out of reach, which is rare and short, while refusing genuine
 * webhooks for so long would pause campaigns. Every look that fails is told as trouble.
 */
export function createWebhookKeys({ read, journal, now }: WebhookKeysDeps): SigningKeys {
  let known: Known | null = null;
  let last: { readonly atMs: number; readonly failed: boolean } | null = null;
  let looking: Promise<void> | null = null;

  const lookOnce = async (): Promise<void> => {
    try {
      const text = await read();
      if (known?.text !== text) known = { text, keys: keysIn(text) };
      if (known.keys.length === 0) journal.trouble({ what: 'no_webhook_secret' });
      last = { atMs: now().getTime(), failed: false };
    } catch (error) {
      const what = known === null ? 'webhook_secret_unreadable' : 'webhook_secret_not_refreshed';
      journal.trouble({ what, reason: causeOf(error) });
      last = { atMs: now().getTime(), failed: true };
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
    if (known === null || known.keys.length === 0) return ageMs >= TRY_AGAIN_MS;
    const settled = wanted === undefined && !last.failed;
    return ageMs >= (settled ? KEPT_FOR_MS : LOOK_AGAIN_MS);
  };

  return async (wanted) => {
    if (isDue(wanted)) await look();
    const unsure = wanted === 'newest' && last?.failed === true;
    if (known === null || unsure) throw new Error('The webhook secret cannot be read');
    return known.keys;
  };
}

function keysIn(text: string): readonly SigningKey[] {
  const secrets = text.split('\n').map((line) => line.trim());
  return [...new Set(secrets)]
    .filter((secret) => secret !== '')
    .map((secret) => signingKey(secret));
}

/** Powertools wraps the error of the store, whose class says more. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.name : typeof cause;
}
