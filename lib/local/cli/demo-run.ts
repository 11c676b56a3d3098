import * as v from 'valibot';
import type { Arrival } from '../emulator/delivered-requests.ts';
import type { Pipeline } from '../emulator/emulator.ts';
import { StartError } from '../emulator/start-error.ts';
import type { Seen } from './check-demo.ts';
import { bodyBytes, webhookHeaders } from './gateway-event.ts';
import { post, type PostedAnswer } from './post.ts';
import { DEAD_LETTERS_QUEUE, QUARANTINE_QUEUE } from './paths.ts';
import type { WebhookSample } from './samples.ts';

/** What a demo needs: a running pipeline, and everything that has reached a destination so far. */
export interface DemoDeps {
  readonly pipeline: Pick<Pipeline, 'httpEndpoint' | 'queue' | 'quiet'>;
  readonly arrivals: readonly Arrival[];
}

const QUIET_LIMIT_MS = 15_000;

/** A message that carries an id: a quarantined webhook, a record, or a dead letter with a record in it. */
const IdentifiedSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.pipe(
      v.object({ record: v.object({ id: v.string() }) }),
      v.transform((letter) => letter.record.id),
    ),
    v.pipe(
      v.object({ id: v.string() }),
      v.transform((message) => message.id),
    ),
  ]),
);

/** What became of the samples, and how many deliveries belong to none that was taken. */
export interface DemoOutcome {
  readonly seen: readonly Seen[];
  readonly strays: number;
}

/**
 * Posts every sample as it stands, repetitions after their originals have been delivered, and reports
 * what became of each, in the order of the samples.
 */
export async function runDemo(
  deps: DemoDeps,
  samples: readonly WebhookSample[],
): Promise<DemoOutcome> {
  const originals = samples.filter(({ expect }) => expect?.duplicateOf === undefined);
  const repetitions = samples.filter(({ expect }) => expect?.duplicateOf !== undefined);
  const seen = new Map<string, Seen>();
  for (const round of [originals, ...repetitions.map((each) => [each])]) {
    const before = deps.arrivals.length;
    const answers = new Map<WebhookSample, PostedAnswer>();
    for (const sample of round) answers.set(sample, await postSample(deps.pipeline, sample));
    await comeToRest(deps.pipeline);
    const arrivals = deps.arrivals.slice(before);
    const dead = await idsOn(deps.pipeline, DEAD_LETTERS_QUEUE);
    const quarantined = await idsOn(deps.pipeline, QUARANTINE_QUEUE);
    for (const [sample, answer] of answers) {
      const own = (id: string | null): boolean => id !== null && id === answer.id;
      seen.set(sample.name, {
        sample,
        answer,
        arrivals: countsByDestination(arrivals.filter(({ recordId }) => own(recordId))),
        deadLetters: dead.filter(own).length,
        quarantined: quarantined.filter(own).length,
      });
    }
  }
  const taken = new Set([...seen.values()].map(({ answer }) => answer.id));
  return {
    seen: samples.flatMap(({ name }) => seen.get(name) ?? []),
    strays: deps.arrivals.filter(({ recordId }) => !taken.has(recordId)).length,
  };
}

function postSample(pipeline: DemoDeps['pipeline'], sample: WebhookSample): Promise<PostedAnswer> {
  return post(pipeline.httpEndpoint + sample.rawPath, webhookHeaders(sample), bodyBytes(sample));
}

async function comeToRest(pipeline: DemoDeps['pipeline']): Promise<void> {
  const rest = await pipeline.quiet(QUIET_LIMIT_MS);
  if (rest.quiet) return;
  throw new StartError(`The pipeline did not come to rest: ${rest.stillGoingOn.join(', ')}.`);
}

async function idsOn(pipeline: DemoDeps['pipeline'], queueId: string): Promise<string[]> {
  const { ready, delayed, inFlight } = await pipeline.queue(queueId);
  return [...ready, ...delayed, ...inFlight].flatMap(({ body }) => {
    const message = v.safeParse(IdentifiedSchema, body);
    return message.success ? [message.output] : [];
  });
}

function countsByDestination(arrivals: readonly Arrival[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { destination } of arrivals) {
    counts.set(destination, (counts.get(destination) ?? 0) + 1);
  }
  return counts;
}
