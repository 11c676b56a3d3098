import * as v from 'valibot';
import type { DeliveredRequest } from '../emulator/delivered-requests.ts';
import type { LocalPipeline } from '../emulator/local-pipeline.ts';
import { StartError } from '../emulator/start-error.ts';
import type { DemoObservation } from './check-demo.ts';
import { decodeEventBody, pickWebhookHeaders } from './gateway-event.ts';
import { post, type PostResponse } from './post.ts';
import { DEAD_LETTERS_QUEUE, QUARANTINE_QUEUE } from './paths.ts';
import type { WebhookSample } from './samples.ts';

/** The demo's dependencies: a running local pipeline, and all that has reached a destination so far. */
export interface DemoDeps {
  readonly pipeline: Pick<
    LocalPipeline,
    'httpEndpoint' | 'readQueue' | 'waitUntilIdle' | 'waitingDeliveries'
  >;
  readonly deliveredRequests: readonly DeliveredRequest[];
}

const IDLE_TIMEOUT_MS = 15_000;
/** After that, deliveries that wait for their next attempt do not wait any longer. */
const RETRY_WAIT_MS = 1_000;

/** Finds the id in a message: a quarantined webhook, a record, or a dead letter that contains a record. */
const MessageIdSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.pipe(
      v.object({ record: v.object({ id: v.string() }) }),
      v.transform((deadLetter) => deadLetter.record.id),
    ),
    v.pipe(
      v.object({ id: v.string() }),
      v.transform((message) => message.id),
    ),
  ]),
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
    const deadLetterIds = await readIds(deps.pipeline, DEAD_LETTERS_QUEUE);
    const quarantinedIds = await readIds(deps.pipeline, QUARANTINE_QUEUE);
    for (const [sample, response] of responses) {
      const isOwn = (id: string | null): boolean => id !== null && id === response.id;
      observations.set(sample.name, {
        sample,
        response,
        deliveryCounts: countByDestination(newRequests.filter(({ recordId }) => isOwn(recordId))),
        deadLetters: deadLetterIds.filter(isOwn).length,
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

async function readIds(pipeline: DemoDeps['pipeline'], queueId: string): Promise<string[]> {
  const { ready, delayed, inFlight } = await pipeline.readQueue(queueId);
  return [...ready, ...delayed, ...inFlight].flatMap(({ body }) => {
    const message = v.safeParse(MessageIdSchema, body);
    return message.success ? [message.output] : [];
  });
}

function countByDestination(requests: readonly DeliveredRequest[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { destination } of requests) {
    counts.set(destination, (counts.get(destination) ?? 0) + 1);
  }
  return counts;
}
