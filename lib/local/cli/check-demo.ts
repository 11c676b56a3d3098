import type { PostResponse } from './post.ts';
import type { WebhookSample } from './samples.ts';

/** What was seen of one webhook. */
export interface DemoObservation {
  readonly sample: WebhookSample;
  readonly response: PostResponse;
  /** How often each destination got its record because of this webhook. */
  readonly deliveryCounts: ReadonlyMap<string, number>;
  /** How many dead letters and how many quarantined webhooks carry its id. */
  readonly deadLetters: number;
  readonly quarantined: number;
}

/** What did not go as the sample says, in words; empty when all of it did. */
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
    failures.push(`answer: ${response.status} in place of ${expect.httpStatus}`);
  }
  if (response.webhookStatus !== expect.status) {
    failures.push(
      `status: ${response.webhookStatus ?? 'none'} in place of ${expect.status ?? 'none'}`,
    );
  }
  for (const destination of new Set([...expect.delivered, ...deliveryCounts.keys()])) {
    const expectedCount = expect.delivered.includes(destination) ? 1 : 0;
    const actualCount = deliveryCounts.get(destination) ?? 0;
    if (actualCount !== expectedCount)
      failures.push(`deliveries to ${destination}: ${actualCount} in place of ${expectedCount}`);
  }
  if (deadLetters !== expect.deadLetters) {
    failures.push(`dead letters: ${deadLetters} in place of ${expect.deadLetters}`);
  }
  const expectedQuarantined = expect.status === 'quarantined' ? 1 : 0;
  if (quarantined !== expectedQuarantined) {
    failures.push(`in quarantine: ${quarantined} in place of ${expectedQuarantined}`);
  }
  return failures;
}
