import type { DeliveryEntry, TroubleEntry, WebhookEntry } from '../../telemetry/telemetry.ts';
import type { JournalLine } from '../emulator/parse-log-line.ts';

/** How a line should look: what went well, what is worth a look, what is of no weight. */
export type Tone = 'good' | 'warning' | 'bad' | 'plain';

/** A line for a person. */
export interface ReadableLine {
  readonly tone: Tone;
  readonly text: string;
}

/** Says in one line what a function's log line tells. */
export function readableLine(line: JournalLine): ReadableLine {
  switch (line.kind) {
    case 'webhook':
      return webhookLine(line.entry);
    case 'delivery':
      return deliveryLine(line.entry);
    case 'trouble':
      return troubleLine(line.entry);
    case 'other':
      return { tone: 'plain', text: line.text };
  }
}

function webhookLine(entry: WebhookEntry): ReadableLine {
  const text = words(
    entry.answer,
    entry.status,
    entry.id,
    entry.event?.replace(/^voucherify\./, ''),
    entry.purpose,
    entry.test === true ? 'test' : undefined,
    entry.reason === undefined ? undefined : `(${entry.reason})`,
    `${entry.ms} ms`,
    ...(entry.issues ?? []).map(({ path, message }) => `\n    ${words(path, message)}`),
  );
  switch (entry.status) {
    case 'queued':
      return { tone: 'good', text };
    case 'quarantined':
    case 'refused':
      return { tone: 'warning', text };
    case 'too_large':
    case 'unavailable':
    case 'failed':
      return { tone: 'bad', text };
  }
}

function deliveryLine(entry: DeliveryEntry): ReadableLine {
  const start = words('delivery', entry.id, '->', entry.destination);
  const reason = entry.reason === undefined ? undefined : `(${entry.reason})`;
  const attempt = entry.attempt > 1 ? `attempt ${entry.attempt}` : undefined;
  switch (entry.outcome) {
    case 'delivered':
      return {
        tone: 'good',
        text: words(start, 'delivered', entry.status, attempt, `${entry.ms} ms`),
      };
    case 'duplicate':
      return { tone: 'plain', text: words(start, `duplicate of ${entry.id}, not delivered`) };
    case 'retry': {
      const next =
        entry.nextInSeconds === undefined ? undefined : `again in ${entry.nextInSeconds} s`;
      return { tone: 'warning', text: words(start, 'failed', entry.status, reason, attempt, next) };
    }
    case 'rejected':
    case 'dead':
      return { tone: 'bad', text: words(start, entry.outcome, entry.status, reason, attempt) };
  }
}

function troubleLine(entry: TroubleEntry): ReadableLine {
  const destination = entry.destination === undefined ? undefined : `-> ${entry.destination}`;
  const reason = entry.reason === undefined ? undefined : `(${entry.reason})`;
  return { tone: 'bad', text: words('trouble', entry.what, entry.id, destination, reason) };
}

function words(...parts: readonly (string | number | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
