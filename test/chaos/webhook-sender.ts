import { setTimeout as wait } from 'node:timers/promises';
import { createPlaces } from '../../lib/local/emulator/lambda/places.ts';
import { post, type PostedAnswer } from '../../lib/local/cli/post.ts';
import type { Chance } from './seeded-random.ts';
import type { OutgoingWebhook } from './webhooks.ts';

/** What a sender needs, and whom it tells. */
export interface SenderDeps {
  readonly url: string;
  readonly chance: Chance;
  readonly webhook: (number: number) => OutgoingWebhook;
  /** Called for every answer with 2xx; `again` when the webhook had been posted before. */
  readonly onAcknowledged: (recordId: string, status: string, again: boolean) => void;
  /** Called when a webhook was refused as often as the sender tries. */
  readonly onGivenUp: (number: number) => void;
}

/** As the real sender does, within 24 hours (vendor facts, section 1). */
const TRIES = 12;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;
const POSTS_AT_ONCE = 6;
const REPEATED_SHARE = 0.05;
const LONGEST_BEFORE_REPEATED_MS = 3_000;

/**
 * Posts webhooks as Voucherify does, only faster: what is not answered with 2xx is posted again, and
 * some are posted again although they were. Resolves when all are through.
 * @param count how many different webhooks
 */
export async function sendAll(deps: SenderDeps, count: number): Promise<void> {
  const places = createPlaces(POSTS_AT_ONCE);
  const repeated: Promise<void>[] = [];
  const all: Promise<void>[] = [];
  for (let number = 0; number < count; number += 1) {
    const leave = await places.enter();
    all.push(sendOne(deps, number, false).finally(leave));
    if (deps.chance('repeated', number) < REPEATED_SHARE) {
      const ms = deps.chance('repeated after', number) * LONGEST_BEFORE_REPEATED_MS;
      repeated.push(wait(ms).then(() => sendOne(deps, number, true)));
    }
  }
  await Promise.all([...all, ...repeated]);
}

async function sendOne(deps: SenderDeps, number: number, again: boolean): Promise<void> {
  const { body, headers } = deps.webhook(number);
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (tried > 0) await wait(Math.min(FIRST_WAIT_MS * 2 ** (tried - 1), LONGEST_WAIT_MS));
    const answer = await post(deps.url, headers, body).catch((): PostedAnswer | null => null);
    if (answer === null || answer.status < 200 || answer.status > 299) continue;
    deps.onAcknowledged(answer.id ?? '', answer.outcome ?? '', again || tried > 0);
    return;
  }
  deps.onGivenUp(number);
}
