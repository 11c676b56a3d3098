import type { PostedAnswer } from './post.ts';
import type { WebhookSample } from './samples.ts';

/** What was seen of one webhook. */
export interface Seen {
  readonly sample: WebhookSample;
  readonly answer: PostedAnswer;
  /** How often each destination got its record because of this webhook. */
  readonly arrivals: ReadonlyMap<string, number>;
  /** How many dead letters and how many quarantined webhooks carry its id. */
  readonly deadLetters: number;
  readonly quarantined: number;
}

/** What did not go as the sample says, in words; empty when all of it did. */
export function faultsOf({ sample, answer, arrivals, deadLetters, quarantined }: Seen): string[] {
  const { expect } = sample;
  if (expect === undefined) return [];
  const faults: string[] = [];
  if (answer.status !== expect.answer) {
    faults.push(`answer: ${answer.status} in place of ${expect.answer}`);
  }
  if (answer.outcome !== expect.status) {
    faults.push(`status: ${answer.outcome ?? 'none'} in place of ${expect.status ?? 'none'}`);
  }
  for (const destination of new Set([...expect.delivered, ...arrivals.keys()])) {
    const wanted = expect.delivered.includes(destination) ? 1 : 0;
    const got = arrivals.get(destination) ?? 0;
    if (got !== wanted) faults.push(`deliveries to ${destination}: ${got} in place of ${wanted}`);
  }
  if (deadLetters !== expect.dead) {
    faults.push(`dead letters: ${deadLetters} in place of ${expect.dead}`);
  }
  const wantedInQuarantine = expect.status === 'quarantined' ? 1 : 0;
  if (quarantined !== wantedInQuarantine) {
    faults.push(`in quarantine: ${quarantined} in place of ${wantedInQuarantine}`);
  }
  return faults;
}
