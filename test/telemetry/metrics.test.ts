import { describe, expect, it } from 'vitest';
import type { DeliveryLog, WebhookLog } from '../../lib/telemetry/log-lines.ts';
import type { ErrorCode } from '../../lib/telemetry/error-codes.ts';
import type { Telemetry } from '../../lib/telemetry/telemetry.ts';
import { createMetricsTelemetry, type Measurement } from '../../lib/telemetry/metrics.ts';

/** The measurements of what is reported, as `Name{dimension=value} value unit`. */
function measure(report: (telemetry: Telemetry) => void): string[] {
  const all: Measurement[] = [];
  report(createMetricsTelemetry((measurement) => void all.push(measurement)));
  return all.map(({ name, unit, value, dimensions }) => {
    const where = Object.entries(dimensions).map(([key, text]) => `${key}=${text}`);
    return `${name}{${where.join(',')}} ${value} ${unit}`;
  });
}

describe('a webhook', () => {
  it.each<[WebhookLog['status'], WebhookLog['reason'], string]>([
    ['queued', undefined, 'WebhookQueued{}'],
    ['quarantined', undefined, 'WebhookQuarantined{}'],
    ['rejected', 'signature_missing', 'WebhookRejected{reason=signature_missing}'],
    ['rejected', 'signature_malformed', 'WebhookRejected{reason=signature_malformed}'],
    ['rejected', 'signature_mismatch', 'WebhookRejected{reason=signature_mismatch}'],
    ['rejected', 'unsupported_front', 'WebhookRejected{reason=unsupported_front}'],
    ['rejected', 'unknown_sender_ip', 'WebhookRejected{reason=unknown_sender_ip}'],
    ['unavailable', 'secret_unavailable', 'WebhookUnavailable{reason=secret_unavailable}'],
    ['unavailable', 'queue_unavailable', 'WebhookUnavailable{reason=queue_unavailable}'],
    ['too_large', undefined, 'WebhookTooLarge{}'],
    ['error', 'internal_error', 'WebhookError{}'],
  ])('that is %s (%s) counts as received and by its status', (status, reason, metric) => {
    const entry = { status, httpStatus: 0, ms: 3, reason };
    expect(measure((telemetry) => telemetry.webhookReceived(entry))).toEqual([
      'WebhookReceived{} 1 Count',
      `${metric} 1 Count`,
    ]);
  });
});

describe('a webhook with a code that cannot be used', () => {
  const entry = { status: 'queued', httpStatus: 202, ms: 3, unusable: ['expired'] } as const;
  it('counts as such', () => {
    expect(measure((telemetry) => telemetry.webhookReceived(entry))).toContain(
      'CodeUnusable{} 1 Count',
    );
  });
  it('does not when it is a test of the dashboard', () => {
    const test = { ...entry, test: true };
    expect(measure((telemetry) => telemetry.webhookReceived(test))).not.toContain(
      'CodeUnusable{} 1 Count',
    );
  });
});

describe('a replayed message', () => {
  it('is counted', () => {
    const entry = { id: 'whs_1', from: 'quarantine', status: 'valid' } as const;
    expect(measure((telemetry) => telemetry.messageReplayed(entry))).toEqual([
      'MessageReplayed{} 1 Count',
    ]);
  });
});

describe('a delivery', () => {
  it.each<[DeliveryLog['status'], string]>([
    ['delivered', 'DeliveryDelivered'],
    ['duplicate', 'DeliveryDuplicate'],
    ['waiting', 'DeliveryWaiting'],
    ['in_progress', 'DeliveryInProgress'],
    ['dead', 'DeliveryDead'],
  ])('with status %s counts for all destinations and for its own', (status, metric) => {
    const entry = { id: 'whs_1', event: 'e', destination: 'crm', status, ms: 3, attempt: 1 };
    expect(measure((telemetry) => telemetry.deliveryProcessed(entry))).toEqual([
      `${metric}{} 1 Count`,
      `${metric}{destination=crm} 1 Count`,
    ]);
  });

  it('that is delivered measures the age of its record', () => {
    const entry = { id: 'whs_1', event: 'e', destination: 'crm', ms: 3, attempt: 1, ageMs: 812 };
    expect(
      measure((telemetry) => telemetry.deliveryProcessed({ ...entry, status: 'delivered' })).at(-1),
    ).toBe('RecordAgeAtDelivery{destination=crm} 812 Milliseconds');
  });
});

describe('an error', () => {
  it.each<[ErrorCode, string | undefined, readonly string[]]>([
    ['unknown_sender_ip', undefined, ['UnknownSenderIp{}']],
    ['unrouted', undefined, ['Unrouted{}']],
    ['invalid_message', undefined, ['InvalidMessage{}']],
    ['deliveries_unavailable', 'crm', ['DeliveriesTableError{}']],
    ['deliveries_write_failed', 'crm', ['DeliveriesTableError{}']],
    ['delivered_write_failed', 'crm', ['DeliveredWriteFailed{}']],
    ['index_write_failed', undefined, ['IndexWriteFailed{}']],
    [
      'credentials_rejected',
      'crm',
      ['CredentialsRejected{}', 'CredentialsRejected{destination=crm}'],
    ],
    ['secret_unavailable', 'crm', ['SecretUnavailable{}', 'SecretUnavailable{destination=crm}']],
    ['destination_gone', 'crm', ['DestinationGone{}', 'DestinationGone{destination=crm}']],
    [
      'destination_misconfigured',
      'crm',
      ['DestinationMisconfigured{}', 'DestinationMisconfigured{destination=crm}'],
    ],
    ['circuit_opened', 'crm', []],
    ['hide_failed', 'crm', []],
    ['queue_unavailable', 'crm', ['DestinationQueueUnavailable{}']],
    ['webhook_secret_missing', undefined, ['WebhookSecretInvalid{}']],
    ['webhook_secret_malformed', undefined, ['WebhookSecretInvalid{}']],
    ['webhook_secret_unavailable', undefined, []],
    ['webhook_secret_not_refreshed', undefined, []],
    ['unknown_destination', undefined, []],
    ['message_failed', undefined, []],
    ['follow_up_failed', 'crm', []],
  ])('%s (%s) counts as %j', (code, destination, metrics) => {
    expect(measure((telemetry) => telemetry.error({ code, destination }))).toEqual(
      metrics.map((metric) => `${metric} 1 Count`),
    );
  });
});

describe('an attempt', () => {
  it.each([
    ['delivered', ['DeliveryAttempted']],
    ['failed', ['DeliveryAttempted', 'DeliveryFailed']],
    ['refused', ['DeliveryAttempted', 'DeliveryRefused']],
  ] as const)('that is %s counts as %j of its destination', (result, metrics) => {
    const measured = measure((telemetry) => telemetry.attemptMade({ destination: 'crm', result }));
    expect(measured).toEqual(metrics.map((metric) => `${metric}{destination=crm} 1 Count`));
  });
});

describe('a batch of a destination', () => {
  it.each([
    [false, ['OldestDeliveryAge{destination=crm} 4200 Milliseconds']],
    [
      true,
      [
        'OldestDeliveryAge{destination=crm} 4200 Milliseconds',
        'CircuitOpen{destination=crm} 1 Count',
      ],
    ],
  ])('whose circuit is open (%s) counts as %j', (isCircuitOpen, metrics) => {
    const batch = { destination: 'crm', oldestAgeMs: 4_200, isCircuitOpen };
    expect(measure((telemetry) => telemetry.batchDelivered(batch))).toEqual(metrics);
  });
});
