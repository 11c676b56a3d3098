import { describe, expect, it } from 'vitest';
import type { DeliveryEntry, Journal, WebhookEntry } from '../../lib/telemetry/telemetry.ts';
import { createMetricsJournal, type Measurement } from '../../lib/telemetry/metrics.ts';

/** What is measured when a journal is told something, as `Name{dimension=value} value unit`. */
function measured(tell: (journal: Journal) => void): string[] {
  const all: Measurement[] = [];
  tell(createMetricsJournal((measurement) => void all.push(measurement)));
  return all.map(({ name, unit, value, dimensions }) => {
    const where = Object.entries(dimensions).map(([key, text]) => `${key}=${text}`);
    return `${name}{${where.join(',')}} ${value} ${unit}`;
  });
}

describe('a webhook', () => {
  it.each<[WebhookEntry['status'], string | undefined, string]>([
    ['queued', undefined, 'WebhookQueued{}'],
    ['quarantined', undefined, 'WebhookQuarantined{}'],
    ['refused', 'signature_missing', 'WebhookRefused{reason=signature_missing}'],
    ['refused', 'signature_malformed', 'WebhookRefused{reason=signature_malformed}'],
    ['refused', 'signature_mismatch', 'WebhookRefused{reason=signature_mismatch}'],
    ['refused', 'sender_address', 'WebhookRefused{reason=sender_address}'],
    ['unavailable', 'secret_unavailable', 'WebhookUnavailable{reason=secret_unavailable}'],
    ['too_large', undefined, 'WebhookTooLarge{}'],
    ['failed', 'TypeError', 'WebhookFailed{}'],
  ])('that is %s (%s) counts as received and by what became of it', (status, reason, metric) => {
    const entry = { status, answer: 0, ms: 3, reason };
    expect(measured((journal) => journal.webhook(entry))).toEqual([
      'WebhookReceived{} 1 Count',
      `${metric} 1 Count`,
    ]);
  });
});

describe('a message that replay moved', () => {
  it('is counted', () => {
    const entry = { id: 'whs_1', from: 'quarantine', status: 'understood' } as const;
    expect(measured((journal) => journal.replay(entry))).toEqual(['MessageReplayed{} 1 Count']);
  });
});

describe('a delivery', () => {
  it.each<[DeliveryEntry['outcome'], string]>([
    ['delivered', 'DeliveryDelivered'],
    ['duplicate', 'DeliveryDuplicate'],
    ['retry', 'DeliveryRetried'],
    ['rejected', 'DeliveryRejected'],
    ['dead', 'DeliveryDead'],
  ])('with outcome %s counts for all destinations and for its own', (outcome, metric) => {
    const entry = { id: 'whs_1', event: 'e', destination: 'crm', outcome, ms: 3, attempt: 1 };
    expect(measured((journal) => journal.delivery(entry))).toEqual([
      `${metric}{} 1 Count`,
      `${metric}{destination=crm} 1 Count`,
    ]);
  });

  it('that got through tells how old the record was', () => {
    const entry = { id: 'whs_1', event: 'e', destination: 'crm', ms: 3, attempt: 1, ageMs: 812 };
    expect(measured((journal) => journal.delivery({ ...entry, outcome: 'delivered' })).at(-1)).toBe(
      'RecordAgeAtDelivery{destination=crm} 812 Milliseconds',
    );
  });
});

describe('trouble', () => {
  it.each([
    ['unknown_sender_address', undefined, ['UnknownSenderAddress{}']],
    ['unrouted', undefined, ['Unrouted{}']],
    ['unparsable_message', undefined, ['MessageUnparsable{}']],
    ['ledger', 'crm', ['LedgerError{}']],
    ['ledger_not_told_of_delivered', undefined, ['LedgerError{}']],
    ['key_refused', 'crm', ['KeyRefused{}', 'KeyRefused{destination=crm}']],
    ['secret_unreadable', 'crm', ['SecretUnreadable{}', 'SecretUnreadable{destination=crm}']],
    ['gone', 'crm', ['DestinationGone{}', 'DestinationGone{destination=crm}']],
    ['breaker_opened', 'crm', ['BreakerOpened{destination=crm}']],
    ['something_else', 'crm', []],
  ])('%s (%s) counts as %j', (what, destination, metrics) => {
    expect(measured((journal) => journal.trouble({ what, destination }))).toEqual(
      metrics.map((metric) => `${metric} 1 Count`),
    );
  });
});
