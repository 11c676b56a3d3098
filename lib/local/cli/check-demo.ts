import { FAILURE_REASONS } from '../../telemetry/reason-codes.ts';
import { WEBHOOK_PATH } from './paths.ts';
import type { PostResponse } from './post.ts';
import type { WebhookSample } from './samples.ts';

/** A delivery that was given up. */
export interface DemoDeadLetter {
  /** Null when no destination accepted the record. */
  readonly destination: string | null;
  /** The reason of the last failure; that of the dead letter when nothing was attempted. */
  readonly reason: string;
  /** The name of an error. */
  readonly cause: string | null;
}

/** What the demo observed of one webhook. */
export interface DemoObservation {
  readonly sample: WebhookSample;
  readonly response: PostResponse;
  /** How often each destination received the record because of this webhook. */
  readonly deliveryCounts: ReadonlyMap<string, number>;
  /** Those with its id. */
  readonly deadLetters: readonly DemoDeadLetter[];
  /** How many quarantined webhooks have its id. */
  readonly quarantined: number;
}

/** The failures that a merchant's own code causes; any other depends on the data, or on the receiver. */
const CODE_FAILURES: ReadonlySet<string> = new Set(
  FAILURE_REASONS.filter((reason) => reason.endsWith('_threw') || reason === 'invalid_request'),
);

/**
 * Finds what is wrong with the result of a sample, whatever the project's destinations and mappings are.
 * Returns one sentence for each failure.
 */
export function findFailures(observation: DemoObservation): readonly string[] {
  const { sample, response, deliveryCounts, deadLetters } = observation;
  const { expect } = sample;
  const failures = deadLetters
    .filter(({ reason }) => CODE_FAILURES.has(reason))
    .map((letter) => `the code of a destination failed: ${describeDeadLetter(letter)}`);
  if (expect === undefined) return failures;
  // a mapping of the project can be another one, or be gone
  const isMapped = sample.rawPath !== WEBHOOK_PATH;
  if (response.status !== expect.httpStatus) {
    failures.push(`HTTP status: ${response.status}, expected ${expect.httpStatus}`);
  }
  if (!isMapped && response.webhookStatus !== expect.status) {
    failures.push(
      `status: ${response.webhookStatus ?? 'none'}, expected ${expect.status ?? 'none'}`,
    );
  }
  const isNew = response.webhookStatus === 'queued' && expect.duplicateOf === undefined;
  for (const [destination, count] of deliveryCounts) {
    const most = isNew ? 1 : 0;
    if (count > most)
      failures.push(`deliveries to ${destination}: ${count}, expected ${most} at most`);
  }
  const expectedQuarantined = response.webhookStatus === 'quarantined' ? 1 : 0;
  if (observation.quarantined !== expectedQuarantined) {
    failures.push(`in quarantine: ${observation.quarantined}, expected ${expectedQuarantined}`);
  }
  return failures;
}

/**
 * Compares the result of a sample with its `expect`, which is for the destinations and mappings that are
 * shipped. Returns one sentence for each difference.
 */
export function findDifferences({
  sample,
  response,
  deliveryCounts,
  deadLetters,
}: DemoObservation): readonly string[] {
  const { expect } = sample;
  if (expect === undefined) return [];
  const differences: string[] = [];
  if (response.webhookStatus !== expect.status) {
    differences.push(
      `status: ${response.webhookStatus ?? 'none'}, expected ${expect.status ?? 'none'}`,
    );
  }
  for (const destination of new Set([...expect.delivered, ...deliveryCounts.keys()])) {
    const expectedCount = expect.delivered.includes(destination) ? 1 : 0;
    const actualCount = deliveryCounts.get(destination) ?? 0;
    if (actualCount !== expectedCount)
      differences.push(`deliveries to ${destination}: ${actualCount}, expected ${expectedCount}`);
  }
  if (deadLetters.length !== expect.deadLetters) {
    differences.push(`dead letters: ${deadLetters.length}, expected ${expect.deadLetters}`);
  }
  return differences;
}

/** Says why a delivery was given up: `klaviyo: undeliverable`. */
export function describeDeadLetter({ destination, reason, cause }: DemoDeadLetter): string {
  const text = cause === null ? reason : `${reason} (${cause})`;
  return destination === null ? text : `${destination}: ${text}`;
}
