import type { PostResponse } from './post.ts';
import type { WebhookSample } from './samples.ts';

/** What the demo observed of one webhook. */
export interface DemoObservation {
  readonly sample: WebhookSample;
  readonly response: PostResponse;
  /** How often each destination received the record because of this webhook. */
  readonly deliveryCounts: ReadonlyMap<string, number>;
  /** How many dead letters have its id. */
  readonly deadLetters: number;
  /** How many quarantined webhooks have its id. */
  readonly quarantined: number;
}

/** Compares what was observed with the sample's `expect`. Returns one sentence for each difference. */
export function findFailures({
  sample,
  response,
  deliveryCounts,
  deadLetters,
  quarantined,
}: DemoObservation): string[] {
  const { expect } = sample;
  if (expect === undefined) return [];
  const failures: string[] = [];
  if (response.status !== expect.httpStatus) {
    failures.push(`HTTP status: ${response.status}, expected ${expect.httpStatus}`);
  }
  if (response.webhookStatus !== expect.status) {
    failures.push(
      `status: ${response.webhookStatus ?? 'none'}, expected ${expect.status ?? 'none'}`,
    );
  }
  for (const destination of new Set([...expect.delivered, ...deliveryCounts.keys()])) {
    const expectedCount = expect.delivered.includes(destination) ? 1 : 0;
    const actualCount = deliveryCounts.get(destination) ?? 0;
    if (actualCount !== expectedCount)
      failures.push(`deliveries to ${destination}: ${actualCount}, expected ${expectedCount}`);
  }
  if (deadLetters !== expect.deadLetters) {
    failures.push(`dead letters: ${deadLetters}, expected ${expect.deadLetters}`);
  }
  const expectedQuarantined = expect.status === 'quarantined' ? 1 : 0;
  if (quarantined !== expectedQuarantined) {
    failures.push(`in quarantine: ${quarantined}, expected ${expectedQuarantined}`);
  }
  return failures;
}
