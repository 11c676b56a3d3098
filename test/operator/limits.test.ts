import { describe, expect, it } from 'vitest';
import type { DeliveryMessage } from '../../lib/fan-out/queue-messages.ts';
import type { DrainableQueue, ReceivedMessage } from '../../lib/operator/drain-queue.ts';
import { createReplay } from '../../lib/operator/replay.ts';
import { aRecord } from '../support/a-record.ts';
import { aContext } from '../support/lambda.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';

const NOW = new Date('2026-03-06T08:00:00.000Z');

/** A queue in memory that gives up to ten messages at a time. */
function createQueue(bodies: readonly unknown[]) {
  const visible: ReceivedMessage[] = bodies.map((body, index) => ({
    body: JSON.stringify(body),
    handle: String(index),
    sentAt: NOW,
  }));
  const queue: DrainableQueue = {
    receiveMessages: async () => visible.splice(0, 10),
    deleteMessage: async () => {},
    releaseMessage: async () => {},
  };
  return queue;
}

const deadLetter = (lastAt: string) => ({
  record: aRecord({ id: `whs_${lastAt}` }),
  destination: 'crm',
  reason: 'rejected',
  lastFailure: { reason: 'http_status', cause: null, status: 404 },
  detail: null,
  attempts: 1,
  firstAt: lastAt,
  lastAt,
  responseBody: null,
});
const LAST_AT = '2026-03-05T10:00:00.000Z';

/** Replays these dead letters; returns the report and the ids of the records whose deliveries were sent. */
async function replay(request: object, deadLetters: readonly unknown[], remainingMs = 900_000) {
  const deliveries: DeliveryMessage[] = [];
  const run = createReplay({
    quarantineQueue: createQueue(deadLetters),
    deadLettersQueue: createQueue(deadLetters),
    enqueueRecord: async () => {},
    enqueueDelivery: async (delivery) => void deliveries.push(delivery),
    requeueQuarantine: async () => {},
    normalise: { currency: null, maxWebhookAgeDays: null, mappings: new Map() },
    telemetry: recordingTelemetry(),
    now: () => NOW,
  });
  const report = await run(
    request,
    aContext(() => remainingMs),
  );
  return { report, replayed: deliveries.map(({ record }) => record.id) };
}

describe('a run of replay', () => {
  it.each([
    [15_001, 'empty', 1],
    [15_000, 'time', 0],
    [0, 'time', 0],
  ])('with %i ms left ends with %s', async (remainingMs, stopReason, scanned) => {
    for (const from of ['dead-letters', 'quarantine']) {
      const { report } = await replay({ from }, [deadLetter(LAST_AT)], remainingMs);
      expect(report).toMatchObject({ from, stopReason, scanned });
    }
  });

  it.each([
    ['2026-03-05T09:59:59.999Z', 1],
    [LAST_AT, 1],
    ['2026-03-05T10:00:00.001Z', 0],
    [null, 1],
  ])('since %s replays %i', async (since, count) => {
    const { replayed } = await replay({ from: 'dead-letters', since }, [deadLetter(LAST_AT)]);
    expect(replayed).toHaveLength(count);
  });

  it.each([
    [1, 1, 'limit'],
    [11, 11, 'limit'],
    [12, 12, 'limit'],
    [13, 12, 'empty'],
    [undefined, 12, 'empty'],
  ])('with the limit %s decides about %i of 12 messages', async (limit, scanned, stopReason) => {
    const all = Array.from({ length: 12 }, () => deadLetter(LAST_AT));
    const { report, replayed } = await replay({ from: 'dead-letters', limit }, all);
    expect(report).toMatchObject({ limit: limit ?? 1_000, scanned, stopReason });
    expect(replayed).toHaveLength(scanned);
  });

  it.each<[string, unknown]>([
    ['limit', 0],
    ['limit', -1],
    ['limit', 1.5],
    ['limit', '10'],
    ['limit', null],
    ['dryRun', 'true'],
    ['dryRun', 1],
    ['since', '2026-13-01'],
    ['since', 0],
    ['destination', 1],
  ])('is refused with the %s %j', async (key, value) => {
    const request = { from: 'dead-letters', [key]: value };
    await expect(replay(request, [deadLetter(LAST_AT)])).rejects.toThrow(`Not valid: ${key}.`);
  });
});
