import { setTimeout as wait } from 'node:timers/promises';
import pLimit from 'p-limit';
import { post, type PostResponse } from '../../lib/local/cli/post.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { OutgoingWebhook } from './webhooks.ts';

/** The dependencies of the sender. */
export interface SenderDeps {
  readonly url: string;
  readonly random: SeededRandom;
  readonly makeWebhook: (index: number) => OutgoingWebhook;
  /** Called for every 2xx; `isRepeat` when the webhook had been posted before. */
  readonly onAcknowledged: (recordId: string, status: string, isRepeat: boolean) => void;
  /** Called when the last try of a webhook failed. */
  readonly onGivenUp: (index: number) => void;
}

/** As many as Voucherify makes within 24 hours (vendor facts, section 1). */
const MAX_TRIES = 12;
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 2_000;
const MAX_CONCURRENT_POSTS = 6;
const DUPLICATE_SHARE = 0.05;
const MAX_DUPLICATE_DELAY_MS = 3_000;

/**
 * Posts webhooks as Voucherify does, only faster: a webhook without a 2xx is posted again, and so are some
 * that got one. Resolves when all are acknowledged or given up.
 * @param count how many different webhooks
 */
export async function sendWebhooks(deps: SenderDeps, count: number): Promise<void> {
  const limit = pLimit(MAX_CONCURRENT_POSTS);
  const duplicates: Promise<void>[] = [];
  const firstPosts: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    const postFirst = (): Promise<void> => {
      if (deps.random('repeated', index) < DUPLICATE_SHARE) {
        const delayMs = deps.random('repeated after', index) * MAX_DUPLICATE_DELAY_MS;
        duplicates.push(wait(delayMs).then(() => sendWebhook(deps, index, true)));
      }
      return sendWebhook(deps, index, false);
    };
    firstPosts.push(limit(postFirst));
  }
  await Promise.all(firstPosts);
  await Promise.all(duplicates);
}

async function sendWebhook(deps: SenderDeps, index: number, isRepeat: boolean): Promise<void> {
  const { body, headers } = deps.makeWebhook(index);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    if (tries > 0) await wait(Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), MAX_WAIT_MS));
    const response = await post(deps.url, headers, body).catch((): PostResponse | null => null);
    if (response === null || response.status < 200 || response.status > 299) continue;
    deps.onAcknowledged(response.id ?? '', response.webhookStatus ?? '', isRepeat || tries > 0);
    return;
  }
  deps.onGivenUp(index);
}
