import { setTimeout as wait } from 'node:timers/promises';
import type { Arrival } from '../../../lib/local/emulator/delivered-requests.ts';
import { startPipeline } from '../../../lib/local/emulator/emulator.ts';
import type { SinkBehaviour } from '../../../lib/local/emulator/mock-destinations.ts';
import type { Stack } from '../../../lib/local/emulator/stack.ts';
import { post } from '../../../lib/local/cli/post.ts';
import { MERCHANT_QUEUES, PROJECT_FOLDER, WEBHOOK_PATH } from '../../../lib/local/cli/paths.ts';
import type { OutgoingWebhook } from '../webhooks.ts';
import { chaosStack } from '../chaos-stack.ts';

/** A measurement: how fast webhooks come, for how long, and whether a destination hangs meanwhile. */
export interface IsolationOptions {
  readonly stack: Stack;
  readonly webhook: (number: number) => OutgoingWebhook;
  readonly perSecond: number;
  /** How long they come after the first half minute. */
  readonly seconds: number;
  readonly hanging: boolean;
}

/** The destination that hangs. It accepts every record. */
export const HANGING = 'crm';

/** As serverless.yml and the destinations have them. */
const TIME_LIMIT_MS = 5_000;
const TIMEOUT_SECONDS = 30;
const VISIBILITY_TIMEOUT_SECONDS = 180;
/** Half of what serverless.yml has: a small machine cannot start more threads than these in time. */
const RECORDS_CONCURRENCY = 25;
const RETRIES_CONCURRENCY = 3;
/**
 * Webhooks that come first and are not counted, while a destination is so slow that every environment
 * is needed: later on, none has to start.
 */
const WARM_UP = 80;
const WARM_UP_PER_SECOND = 6;
const SLOW: SinkBehaviour = { kind: 'answer', status: 200, delayMs: 4_500 };
const REST_LIMIT_MS = 60_000;
const FIRST_SECONDS = 30;
const MS_PER_SECOND = 1_000;

/** Milliseconds from posting to arrival, a number a delivery. */
export interface Measured {
  /** Of webhooks that came in the first half minute, when fanOut does not know yet that a destination hangs. */
  readonly atFirst: readonly number[];
  /** Of those that came after it. */
  readonly later: readonly number[];
}

/**
 * Measures how long records take from the webhook to every destination but the one that may hang.
 * Webhooks come evenly; nothing else is disturbed; schedule and limits are those of production.
 */
export async function measureDeliveries(options: IsolationOptions): Promise<Measured> {
  const { stack, webhook, perSecond, seconds } = options;
  const early = perSecond * FIRST_SECONDS;
  const all = early + perSecond * seconds;
  const posted = new Map<string, { readonly at: number; readonly early: boolean }>();
  const arrivals: Arrival[] = [];
  const pipeline = await startPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: chaosStack(stack, {
      sqsEndpoint: null,
      dynamoEndpoint: null,
      scheduleDivisor: 1,
      timeLimitMs: TIME_LIMIT_MS,
      timeoutSeconds: TIMEOUT_SECONDS,
      visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
      recordsConcurrency: RECORDS_CONCURRENCY,
      retriesConcurrency: RETRIES_CONCURRENCY,
    }),
    consumers: MERCHANT_QUEUES,
    environmentsPerFunction: RECORDS_CONCURRENCY + RETRIES_CONCURRENCY,
    onArrival: (arrival) => arrivals.push(arrival),
  });
  const send = async (number: number): Promise<void> => {
    const { body, headers } = webhook(number);
    const at = Date.now();
    const { id } = await post(pipeline.httpEndpoint + WEBHOOK_PATH, headers, body);
    if (id !== null && number >= WARM_UP) posted.set(id, { at, early: number < WARM_UP + early });
  };
  try {
    pipeline.sinks.behave(HANGING, () => SLOW);
    await evenly(WARM_UP, WARM_UP_PER_SECOND, send);
    await pipeline.quiet(REST_LIMIT_MS);
    pipeline.sinks.behave(HANGING, options.hanging ? () => ({ kind: 'hang' }) : undefined);
    await evenly(all, perSecond, (number) => send(WARM_UP + number));
    pipeline.sinks.behave(HANGING);
    await pipeline.quiet(REST_LIMIT_MS);
  } finally {
    await pipeline.stop();
  }
  const tookOf = (wanted: boolean): number[] =>
    arrivals.flatMap(({ destination, recordId, receivedAt }) => {
      const sent = posted.get(recordId ?? '');
      if (sent?.early !== wanted || destination === HANGING) return [];
      return [receivedAt.getTime() - sent.at];
    });
  return { atFirst: tookOf(true), later: tookOf(false) };
}

/** Begins so many tasks, evenly, and resolves when all of them are done. */
async function evenly(
  count: number,
  perSecond: number,
  task: (number: number) => Promise<void>,
): Promise<void> {
  const beganAt = performance.now();
  const begun: Promise<void>[] = [];
  for (let number = 0; number < count; number += 1) {
    begun.push(task(number));
    const nextAt = beganAt + ((number + 1) * MS_PER_SECOND) / perSecond;
    await wait(Math.max(0, nextAt - performance.now()));
  }
  await Promise.all(begun);
}

/** The value below which that part of the values lies (nearest rank). @param part from 0 to 1 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
