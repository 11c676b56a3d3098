import { describe, expect, it } from 'vitest';
import type { DeliveryLog, Telemetry, WebhookLog } from '../../lib/telemetry/telemetry.ts';
import { createMetricsTelemetry, type Measurement } from '../../lib/telemetry/metrics.ts';

/** What is measured when a journal is told something, as `Name{dimension=value} value unit`. */
function measured(tell: (journal: Telemetry) => void): string[] {
  const all: Measurement[] = [];
  tell(createMetricsTelemetry((measurement) => void all.push(measurement)));
  return all.map(({ name, unit, value, dimensions }) => {
    const where = Object.entries(dimensions).map(([key, text]) => `${key}=${text}`);
    return `${name}{${where.join(',')}} ${value} ${unit}`;
  });
}

describe('a webhook', () => {
  it.each<[WebhookLog['status'], string | undefined, string]>([
    ['queued', undefined, 'WebhookQueued{}'],
    ['quarantined', undefined, 'WebhookQuarantined{}'],
    ['rejected', 'signature_missing', 'WebhookRejected{reason=signature_missing}'],
    ['rejected', 'signature_malformed', 'WebhookRejected{reason=signature_malformed}'],
    ['rejected', 'signature_mismatch', 'WebhookRejected{reason=signature_mismatch}'],
    ['rejected', 'sender_address', 'WebhookRejected{reason=sender_address}'],
    ['unavailable', 'secret_unavailable', 'WebhookUnavailable{reason=secret_unavailable}'],
    ['too_large', undefined, 'WebhookTooLarge{}'],
    ['error', 'TypeError', 'WebhookError{}'],
  ])('that is %s (%s) counts as received and by what became of it', (status, reason, metric) => {
    const entry = { status, httpStatus: 0, ms: 3, reason };
    expect(measured((journal) => journal.webhookReceived(entry))).toEqual([
      'WebhookReceived{} 1 Count',
      `${metric} 1 Count`,
    ]);
  });
});

describe('a message that replay moved', () => {
  it('is counted', () => {
    const entry = { id: 'whs_1', from: 'quarantine', status: 'understood' } as const;
    expect(measured((journal) => journal.messageReplayed(entry))).toEqual([
      'MessageReplayed{} 1 Count',
    ]);
  });
});

describe('a delivery', () => {
  it.each<[DeliveryLog['outcome'], string]>([
    ['delivered', 'DeliveryDelivered'],
    ['duplicate', 'DeliveryDuplicate'],
    ['retry', 'DeliveryRetried'],
    ['rejected', 'DeliveryRejected'],
    ['dead', 'DeliveryDead'],
  ])('with outcome %s counts for all destinations and for its own', (outcome, metric) => {
    const entry = { id: 'whs_1', event: 'e', destination: 'crm', outcome, ms: 3, attempt: 1 };
    expect(measured((journal) => journal.deliveryAttempted(entry))).toEqual([
      `${metric}{} 1 Count`,
      `${metric}{destination=crm} 1 Count`,
    ]);
  });

  it('that got through tells how old the record was', () => {
    const entry = { id: 'whs_1', event: 'e', destination: 'crm', ms: 3, attempt: 1, ageMs: 812 };
    expect(
      measured((journal) => journal.deliveryAttempted({ ...entry, outcome: 'delivered' })).at(-1),
    ).toBe('RecordAgeAtDelivery{destination=crm} 812 Milliseconds');
  });
});

describe('error', () => {
  it.each([
    ['unknown_sender_ip', undefined, ['UnknownSenderIp{}']],
    ['unrouted', undefined, ['Unrouted{}']],
    ['invalid_message', undefined, ['InvalidMessage{}']],
    ['ledger', 'crm', ['IdempotencyError{}']],
    ['ledger_not_told_of_delivered', undefined, ['IdempotencyError{}']],
    [
      'credentials_rejected',
      'crm',
      ['CredentialsRejected{}', 'CredentialsRejected{destination=crm}'],
    ],
    ['secret_unavailable', 'crm', ['SecretUnavailable{}', 'SecretUnavailable{destination=crm}']],
    ['gone', 'crm', ['DestinationGone{}', 'DestinationGone{destination=crm}']],
    ['circuit_opened', 'crm', ['CircuitOpened{destination=crm}']],
    ['something_else', 'crm', []],
  ])('%s (%s) counts as %j', (code, destination, metrics) => {
    expect(measured((journal) => journal.error({ code, destination }))).toEqual(
      metrics.map((metric) => `${metric} 1 Count`),
    );
  });
});
