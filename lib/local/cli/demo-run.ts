import * as v from 'valibot';
import type { DeliveredRequest } from '../emulator/delivered-requests.ts';
import type { LocalPipeline } from '../emulator/local-pipeline.ts';
import { StartError } from '../emulator/start-error.ts';
import type { DemoDeadLetter, DemoObservation } from './check-demo.ts';
import { decodeEventBody, pickWebhookHeaders } from './gateway-event.ts';
import { post, type PostResponse } from './post.ts';
import { DEAD_LETTERS_QUEUE, QUARANTINE_QUEUE } from './paths.ts';
import type { WebhookSample } from './samples.ts';

/** A record that reached a destination. */
export type DemoDelivery = Pick<DeliveredRequest, 'destination' | 'recordId'>;

/** The demo's dependencies: a running local pipeline, and all that has reached a destination so far. */
export interface DemoDeps {
  readonly pipeline: Pick<
    LocalPipeline,
    'httpEndpoint' | 'readQueue' | 'waitUntilIdle' | 'waitingDeliveries'
  >;
  readonly deliveredRequests: readonly DemoDelivery[];
}

const IDLE_TIMEOUT_MS = 15_000;
/** After that, deliveries that wait for their next attempt do not wait any longer. */
const RETRY_WAIT_MS = 1_000;

/** A record that SQS moved away after too many receives: a message without a reason. */
const MOVED_BY_SQS: DemoDeadLetter = { destination: null, reason: 'moved by SQS', cause: null };
const WithIdSchema = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string() }));
const DeadLetterSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    record: v.object({ id: v.string() }),
    destination: v.optional(v.nullable(v.string()), null),
    reason: v.string(),
    lastFailure: v.nullish(v.object({ reason: v.string(), cause: v.nullable(v.string()) })),
  }),
);

/** The observations of all samples, and how many deliveries belong to no accepted webhook. */
export interface DemoResult {
  readonly observations: readonly DemoObservation[];
  readonly unmatchedDeliveries: number;
}

/**
 * Posts every sample unchanged, duplicates after their originals have been delivered, and returns what it
 * observed of each, in the order of the samples.
 * @throws StartError when the pipeline is not idle after 15 seconds
 */
export async function runDemo(
  deps: DemoDeps,
  samples: readonly WebhookSample[],
): Promise<DemoResult> {
  const originals = samples.filter(({ expect }) => expect?.duplicateOf === undefined);
  const duplicates = samples.filter(({ expect }) => expect?.duplicateOf !== undefined);
  const observations = new Map<string, DemoObservation>();
  for (const round of [originals, ...duplicates.map((each) => [each])]) {
    const countBefore = deps.deliveredRequests.length;
    const responses = new Map<WebhookSample, PostResponse>();
    for (const sample of round) responses.set(sample, await postSample(deps.pipeline, sample));
    await requireIdle(deps.pipeline);
    const newRequests = deps.deliveredRequests.slice(countBefore);
    const deadLetters = await readDeadLetters(deps.pipeline);
    const quarantinedIds = await readQuarantinedIds(deps.pipeline);
    for (const [sample, response] of responses) {
      const isOwn = (id: string | null): boolean => id !== null && id === response.id;
      observations.set(sample.name, {
        sample,
        response,
        deliveryCounts: countByDestination(newRequests.filter(({ recordId }) => isOwn(recordId))),
        deadLetters: deadLetters.filter(({ id }) => isOwn(id)).map(({ letter }) => letter),
        quarantined: quarantinedIds.filter(isOwn).length,
      });
    }
  }
  const acceptedIds = new Set([...observations.values()].map(({ response }) => response.id));
  return {
    observations: samples.flatMap(({ name }) => observations.get(name) ?? []),
    unmatchedDeliveries: deps.deliveredRequests.filter(({ recordId }) => !acceptedIds.has(recordId))
      .length,
  };
}

function postSample(pipeline: DemoDeps['pipeline'], sample: WebhookSample): Promise<PostResponse> {
  return post(
    pipeline.httpEndpoint + sample.rawPath,
    pickWebhookHeaders(sample),
    decodeEventBody(sample),
  );
}

async function requireIdle(pipeline: DemoDeps['pipeline']): Promise<void> {
  let busy: readonly string[] = [];
  for (let waitedMs = 0; waitedMs < IDLE_TIMEOUT_MS; waitedMs += RETRY_WAIT_MS) {
    const result = await pipeline.waitUntilIdle(RETRY_WAIT_MS);
    if (result.isIdle) return;
    busy = result.busy;
    await pipeline.waitingDeliveries.attemptNow();
  }
  throw new StartError(
    `The pipeline did not become idle within ${IDLE_TIMEOUT_MS / 1_000} seconds: ${busy.join(', ')}.`,
  );
}

async function readQuarantinedIds(pipeline: DemoDeps['pipeline']): Promise<readonly string[]> {
  return (await readBodies(pipeline, QUARANTINE_QUEUE)).flatMap((body) => {
    const message = v.safeParse(WithIdSchema, body);
    return message.success ? [message.output.id] : [];
  });
}

async function readDeadLetters(
  pipeline: DemoDeps['pipeline'],
): Promise<readonly { readonly id: string; readonly letter: DemoDeadLetter }[]> {
  return (await readBodies(pipeline, DEAD_LETTERS_QUEUE)).flatMap((body) => {
    const moved = v.safeParse(WithIdSchema, body);
    if (moved.success) return [{ id: moved.output.id, letter: MOVED_BY_SQS }];
    const message = v.safeParse(DeadLetterSchema, body);
    if (!message.success) return [];
    const { record, destination, reason, lastFailure } = message.output;
    const failure = lastFailure ?? { reason, cause: null };
    return [{ id: record.id, letter: { destination, ...failure } }];
  });
}

async function readBodies(
  pipeline: DemoDeps['pipeline'],
  queueId: string,
): Promise<readonly string[]> {
  const { ready, delayed, inFlight } = await pipeline.readQueue(queueId);
  return [...ready, ...delayed, ...inFlight].map(({ body }) => body);
}

function countByDestination(requests: readonly DemoDelivery[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { destination } of requests) {
    counts.set(destination, (counts.get(destination) ?? 0) + 1);
  }
  return counts;
}
