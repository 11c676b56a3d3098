import { setTimeout as wait } from 'node:timers/promises';
import type { DeliveredRequest } from '../../../lib/local/emulator/delivered-requests.ts';
import { startLocalPipeline } from '../../../lib/local/emulator/local-pipeline.ts';
import type { MockResponse } from '../../../lib/local/emulator/mock-destinations.ts';
import type { Stack } from '../../../lib/local/emulator/stack.ts';
import { post } from '../../../lib/local/cli/post.ts';
import { MERCHANT_QUEUES, PROJECT_FOLDER, WEBHOOK_PATH } from '../../../lib/local/cli/paths.ts';
import type { OutgoingWebhook } from '../webhooks.ts';
import { toChaosStack } from '../chaos-stack.ts';

/** The options of a measurement. */
export interface IsolationOptions {
  readonly stack: Stack;
  readonly makeWebhook: (index: number) => OutgoingWebhook;
  readonly perSecond: number;
  /** How long webhooks are sent after the first half minute. */
  readonly seconds: number;
  readonly isHanging: boolean;
}

/** The destination that hangs. It accepts every record. */
export const HANGING_DESTINATION = 'crm';

/** As in serverless.yml and the destinations. */
const DELIVERY_TIMEOUT_MS = 5_000;
const TIMEOUT_SECONDS = 60;
const VISIBILITY_TIMEOUT_SECONDS = 360;
/** Less than in serverless.yml: a small machine cannot start more threads in time. */
const RECORDS_CONCURRENCY = 4;
/** How many webhooks receive handles at the same time. */
const REQUESTS_CONCURRENCY = 5;
const DELIVERIES_CONCURRENCY = 4;
/**
 * Webhooks that are sent first and not counted, while a destination is so slow that every environment is
 * needed: none has to start during the measurement.
 */
const WARM_UP_WEBHOOKS = 80;
const WARM_UP_PER_SECOND = 6;
const SLOW_RESPONSE: MockResponse = { kind: 'respond', status: 200, delayMs: 4_500 };
const IDLE_TIMEOUT_MS = 60_000;
const FIRST_SECONDS = 30;
const MS_PER_SECOND = 1_000;

/** Milliseconds from post to delivery, one number per delivery. */
export interface Latencies {
  /** Of webhooks in the first half minute, while the circuit of the hanging destination is still closed. */
  readonly firstHalfMinute: readonly number[];
  /** Of later webhooks. */
  readonly afterwards: readonly number[];
  /** How many webhooks got no response in time: the machine is too busy to measure on. */
  readonly withoutResponse: number;
}

/**
 * Measures how long records take from the webhook to every destination except the one that may hang.
 * Webhooks are sent at a steady rate, there are no other faults, and schedule and timeouts are those of
 * production.
 */
export async function measureDeliveryLatency(options: IsolationOptions): Promise<Latencies> {
  const { stack, makeWebhook, perSecond, seconds } = options;
  const earlyCount = perSecond * FIRST_SECONDS;
  const totalCount = earlyCount + perSecond * seconds;
  const posted = new Map<string, { readonly at: number; readonly isEarly: boolean }>();
  const arrivals: DeliveredRequest[] = [];
  let withoutResponse = 0;
  const pipeline = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: toChaosStack(stack, {
      sqsEndpoint: null,
      dynamoEndpoint: null,
      scheduleDivisor: 1,
      timeoutMs: DELIVERY_TIMEOUT_MS,
      timeoutSeconds: TIMEOUT_SECONDS,
      visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
      recordsConcurrency: RECORDS_CONCURRENCY,
      deliveriesConcurrency: DELIVERIES_CONCURRENCY,
    }),
    consumers: MERCHANT_QUEUES,
    concurrency: {
      requests: REQUESTS_CONCURRENCY,
      perQueue: Math.max(RECORDS_CONCURRENCY, DELIVERIES_CONCURRENCY),
    },
    onRequestDelivered: (arrival) => arrivals.push(arrival),
  });
  const send = async (index: number): Promise<void> => {
    const { body, headers } = makeWebhook(index);
    const at = Date.now();
    const response = await post(pipeline.httpEndpoint + WEBHOOK_PATH, headers, body).catch(
      () => null,
    );
    if (response === null) withoutResponse += 1;
    const id = response?.id ?? null;
    if (id !== null && index >= WARM_UP_WEBHOOKS)
      posted.set(id, { at, isEarly: index < WARM_UP_WEBHOOKS + earlyCount });
  };
  try {
    pipeline.mockDestinations.setBehaviour(HANGING_DESTINATION, () => SLOW_RESPONSE);
    await runAtRate(WARM_UP_WEBHOOKS, WARM_UP_PER_SECOND, send);
    await pipeline.waitUntilIdle(IDLE_TIMEOUT_MS);
    pipeline.mockDestinations.setBehaviour(
      HANGING_DESTINATION,
      options.isHanging ? () => ({ kind: 'hang' }) : undefined,
    );
    await runAtRate(totalCount, perSecond, (index) => send(WARM_UP_WEBHOOKS + index));
    pipeline.mockDestinations.setBehaviour(HANGING_DESTINATION);
    await pipeline.waitUntilIdle(IDLE_TIMEOUT_MS);
  } finally {
    await pipeline.stop();
  }
  const selectLatencies = (isEarly: boolean): number[] =>
    arrivals.flatMap(({ destination, recordId, receivedAt }) => {
      const postedWebhook = posted.get(recordId ?? '');
      if (postedWebhook?.isEarly !== isEarly || destination === HANGING_DESTINATION) return [];
      return [receivedAt.getTime() - postedWebhook.at];
    });
  return {
    firstHalfMinute: selectLatencies(true),
    afterwards: selectLatencies(false),
    withoutResponse,
  };
}

/** Starts tasks at a steady rate and resolves when all of them are done. */
async function runAtRate(
  count: number,
  perSecond: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const tasks: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    tasks.push(task(index));
    const nextAt = startedAt + ((index + 1) * MS_PER_SECOND) / perSecond;
    await wait(Math.max(0, nextAt - performance.now()));
  }
  await Promise.all(tasks);
}

/** The value below which that part of the values lies (nearest rank). @param quantile from 0 to 1 */
export function computePercentile(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
}
