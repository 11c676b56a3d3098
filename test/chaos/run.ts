import * as v from 'valibot';
import type { QueueDescription } from '../../lib/local/emulator/serverless-config/queues.ts';
import type { Pipeline } from '../../lib/local/emulator/emulator.ts';
import { queueById, type Stack } from '../../lib/local/emulator/stack.ts';
import { DEAD_LETTERS_QUEUE, QUARANTINE_QUEUE, WEBHOOK_PATH } from '../../lib/local/cli/paths.ts';
import type { WebhookSample } from '../../lib/local/cli/samples.ts';
import { CAST } from './destinations.ts';
import { createChance } from './seeded-random.ts';
import { count, createChronicle } from './trace.ts';
import { startDisturbedPipeline } from './faulty-pipeline.ts';
import { type Told, toldBy } from './parse-message.ts';
import { restOf, tellProgress } from './progress.ts';
import { sendAll } from './webhook-sender.ts';
import { judge, type Verdict } from './check-guarantees.ts';
import { watch } from './trace-observer.ts';
import { webhookMaker } from './webhooks.ts';

/** What a run is about. */
export interface ChaosOptions {
  readonly stack: Stack;
  readonly samples: readonly WebhookSample[];
  readonly seed: number;
  /** How many different webhooks are sent. */
  readonly webhooks: number;
  /** Gets a sentence now and then while the run goes on. */
  readonly onProgress: (text: string) => void;
}

/** What came of a run. */
export interface ChaosOutcome {
  readonly verdict: Verdict;
  /** Different webhooks that were answered with 2xx, and those of them that were not understood. */
  readonly acknowledged: number;
  readonly quarantined: number;
  /** Webhooks that were refused as often as the sender tries. */
  readonly givenUp: number;
  /** Posts that were acknowledged although the webhook had been posted before. */
  readonly postedAgain: number;
  /** What the run did, and how often. */
  readonly done: ReadonlyMap<string, number>;
  /** What was still going on at the end; empty when everything had come to rest. */
  readonly unrest: readonly string[];
}

const LARGEST_DIVISOR = 300;
const SMALLEST_DIVISOR = 20;
const WEBHOOKS_TIMES_DIVISOR = 600_000;
const RedriveSchema = v.pipe(v.string(), v.parseJson(), v.object({ maxReceiveCount: v.number() }));

/**
 * Runs the whole pipeline with faults from outside until everything has come to rest, and judges what
 * came of it.
 * @throws StartError when the pipeline cannot start
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const { stack, samples, seed } = options;
  const chance = createChance(seed);
  const chronicle = createChronicle();
  const watching = watch(chronicle);
  const acknowledged = new Map<string, string>();
  let givenUp = 0;
  let postedAgain = 0;

  const disturbed = await startDisturbedPipeline(
    stack,
    divisorFor(options.webhooks),
    chance,
    chronicle,
    watching,
  );
  const { pipeline } = disturbed;
  const resting = new AbortController();
  try {
    const asked = (): string => `${acknowledged.size} of ${options.webhooks} acknowledged`;
    void tellProgress(pipeline, asked, options.onProgress, resting.signal);
    await sendAll(
      {
        url: pipeline.httpEndpoint + WEBHOOK_PATH,
        chance,
        webhook: webhookMaker(samples, chance),
        onAcknowledged(recordId, status, again) {
          acknowledged.set(recordId, status);
          if (!again) return;
          postedAgain += 1;
          count(chronicle.comeAgain, recordId);
        },
        onGivenUp() {
          givenUp += 1;
        },
      },
      options.webhooks,
    );
    disturbed.restore();
    const unrest = await restOf(pipeline);
    const onQuarantine = await messagesOn(pipeline, QUARANTINE_QUEUE);
    const verdict = judge({
      chronicle,
      cast: CAST,
      acknowledged,
      consumed: watching.consumed,
      deadLetters: await messagesOn(pipeline, DEAD_LETTERS_QUEUE),
      quarantined: new Set(onQuarantine.map(({ recordId }) => recordId)),
      receives: {
        records: receivesOf(queueById(stack, 'RecordsQueue')),
        retries: receivesOf(queueById(stack, 'RetriesQueue')),
      },
    });
    return {
      verdict,
      acknowledged: acknowledged.size,
      quarantined: [...acknowledged.values()].filter((as) => as !== 'queued').length,
      givenUp,
      postedAgain,
      done: chronicle.done,
      unrest,
    };
  } finally {
    resting.abort();
    await disturbed.stop();
  }
}

/** The more webhooks, the longer the run, and a day of a delivery has to outlast it: 24 minutes for 10,000. */
function divisorFor(webhooks: number): number {
  return Math.min(LARGEST_DIVISOR, Math.max(SMALLEST_DIVISOR, WEBHOOKS_TIMES_DIVISOR / webhooks));
}

function receivesOf({ attributes }: QueueDescription): number {
  return v.parse(RedriveSchema, attributes['RedrivePolicy']).maxReceiveCount;
}

async function messagesOn(pipeline: Pipeline, queueId: string): Promise<Told[]> {
  const { ready, delayed, inFlight } = await pipeline.queue(queueId);
  return [...ready, ...delayed, ...inFlight].flatMap(({ body }) => toldBy(body) ?? []);
}
