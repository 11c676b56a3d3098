import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { createDeliverySender } from '../../lib/fan-out/queues.ts';
import { DeliveryMessageSchema } from '../../lib/fan-out/queue-messages.ts';
import { createGroupSender, createSender } from '../../lib/platform/sqs.ts';
import { createReceive } from '../../lib/receive/receive.ts';
import type { WebhookOptions } from '../../lib/receive/parse-webhook.ts';
import { defineMappings } from '../../lib/normalise/mapping.ts';
import { type RelayRecord, RelayRecordSchema } from '../../lib/record/record.ts';
import { createOperator, type OperatorDeps } from '../../lib/operator/operator.ts';
import type { QueueReport } from '../../lib/operator/reports.ts';
import { type QueueCommand, runToEnd } from '../../lib/operator/run-to-end.ts';
import { createSqsQueue } from '../../lib/operator/sqs-queue.ts';
import { toSigningKey } from '../../lib/voucherify/signature.ts';
import { aRecord } from '../support/a-record.ts';
import { type Aws, startAws } from '../support/aws.ts';
import { aDelivery, aDestination, createTestFanOut } from '../support/fan-out.ts';
import { aContext } from '../support/lambda.ts';
import { QUEUES_ONLY } from '../support/operator.ts';
import { recordingTelemetry, type RecordingTelemetry } from '../support/recording-telemetry.ts';
import { codeData, fromDistribution } from '../support/payloads.ts';
import { LOCAL_SECRET, readBody, sample, withBody } from '../support/samples.ts';
import { aSenderIpCheck } from '../support/sender-ip-check.ts';

/** Later than any message here was sent: the emulator has the real time. */
const NOW = new Date('2100-03-06T08:00:00.000Z');
const DAY_MS = 86_400_000;
const NOTHING_MAPPED: WebhookOptions = {
  maxWebhookAgeDays: 15,
  currency: null,
  mappings: new Map(),
};
const WITH_BERTHS: WebhookOptions = {
  currency: null,
  maxWebhookAgeDays: 15,
  mappings: defineMappings({
    berths: v.pipe(
      v.object({ guest: v.string() }),
      v.transform(({ guest }) => ({ customer: { source_id: guest } })),
    ),
  }),
};

/** The emulator has one server, which a short poll asks: nothing is missed. */
const NO_WAIT_SECONDS = 0;

describe('replay', () => {
  let aws: Aws;
  let queues: { [Name in 'records' | 'crm' | 'quarantine' | 'deadLetters']: string };
  beforeEach(async () => {
    aws = await startAws();
    queues = {
      records: await aws.createQueue('records'),
      crm: await aws.createQueue('relay-test-to-crm'),
      quarantine: await aws.createQueue('quarantine'),
      deadLetters: await aws.createQueue('dead-letters'),
    };
  });
  afterEach(() => aws.stop());

  const createOperatorDeps = (
    normalise: WebhookOptions = NOTHING_MAPPED,
    telemetry = recordingTelemetry(),
  ): OperatorDeps => ({
    ...QUEUES_ONLY,
    indexDelivery: async () => {},
    queues: {
      quarantine: createSqsQueue(aws.sqs, queues.quarantine, NO_WAIT_SECONDS),
      'dead-letters': createSqsQueue(aws.sqs, queues.deadLetters, NO_WAIT_SECONDS),
    },
    enqueueRecord: createGroupSender(aws.sqs, queues.records),
    enqueueDelivery: createDeliverySender(aws.sqs, {
      DESTINATION_QUEUES_URL: queues.crm.replace(/crm$/, ''),
    }),
    normalise,
    telemetry,
    now: () => NOW,
  });

  /** Replays to the end of the queue, as an operator does; everything passes as JSON. */
  const replayBy =
    (deps: OperatorDeps) =>
    async (request: {
      readonly from: QueueCommand['from'];
      readonly [key: string]: unknown;
    }): Promise<QueueReport> => {
      const operate = createOperator(deps);
      const invoke = async (each: object): Promise<unknown> => {
        const event: unknown = JSON.parse(JSON.stringify(each));
        return JSON.parse(JSON.stringify(await operate(event, aContext()))) as unknown;
      };
      const { report, stillHidden } = await runToEnd({ invoke }, { ...request, command: 'replay' });
      expect(stillHidden).toBe(0);
      return report;
    };
  const replayWith = (normalise?: WebhookOptions, telemetry?: RecordingTelemetry) =>
    replayBy(createOperatorDeps(normalise, telemetry));

  /** Puts a webhook on [quarantine], by receive itself. */
  const quarantine = async (body: string, mapping?: string, now: () => Date = () => NOW) => {
    const receive = createReceive({
      signingKeys: async () => [toSigningKey(LOCAL_SECRET)],
      enqueueRecord: createGroupSender(aws.sqs, queues.records),
      enqueueQuarantine: createSender(aws.sqs, queues.quarantine),
      senderIpCheck: aSenderIpCheck(),
      normalise: NOTHING_MAPPED,
      telemetry: { ...recordingTelemetry(), webhookReceived() {} },
      now,
    });
    const event = withBody(sample('unknown-shape'), body);
    const response = await receive(mapping ? { ...event, pathParameters: { mapping } } : event);
    expect(response.body).toContain('"quarantined"');
  };
  const sendDeadLetter = (deadLetter: unknown) =>
    aws.sqs.send(
      new SendMessageCommand({
        QueueUrl: queues.deadLetters,
        MessageBody: JSON.stringify(deadLetter),
      }),
    );
  const recordsOn = async (url: string) =>
    (await aws.drain(url)).map(({ Body }) => v.parse(RelayRecordSchema, JSON.parse(Body ?? '')));
  const deadLetterFor = (
    destination: string | null,
    record: RelayRecord,
    lastAt = '2026-03-05T10:00:00.000Z',
  ) => ({
    record,
    destination,
    reason: destination === null ? 'unrouted' : 'rejected',
    lastFailure: destination === null ? null : { reason: 'http_status', cause: null, status: 404 },
    detail: null,
    attempts: 1,
    firstAt: lastAt,
    lastAt,
    responseBody: null,
  });

  it('puts what is valid now on [records], and leaves the rest with its new issues', async () => {
    await quarantine('{"guest":"crm-77","berth":3}', 'berths');
    await quarantine('{"berth":4}', 'berths');

    const report = await replayWith(WITH_BERTHS)({ from: 'quarantine' });

    expect(report).toMatchObject({
      scanned: 2,
      valid: 1,
      invalid: 1,
      stopReason: 'empty',
    });
    const [record, ...others] = await recordsOn(queues.records);
    expect(others).toEqual([]);
    expect(record?.data.customer?.sourceId).toBe('crm-77');
    expect(record?.data.receivedAt).toBe(NOW.toISOString());
    expect(JSON.stringify(report)).not.toContain('crm-77');
  });

  it('delivers equal bodies of three days three times, and a repetition of one of them not again', async () => {
    const days = ['2026-03-01', '2026-03-04', '2026-03-08'].map((day) => `${day}T08:00:00.000Z`);
    const repeated = '2026-03-04T20:00:00.000Z';
    for (const day of [...days, repeated]) {
      await quarantine('{"guest":"crm-77"}', 'berths', () => new Date(day));
    }

    await replayWith(WITH_BERTHS)({ from: 'quarantine' });

    const records = await recordsOn(queues.records);
    expect(new Set(records.map(({ id }) => id)).size).toBe(1);
    await aws.createTable('deliveries');
    const crm = aDestination({ name: 'crm' });
    const fanOut = createTestFanOut([crm], {
      deliveries: createDeliveriesTable({
        client: aws.dynamo,
        tableName: 'deliveries',
        historyDays: 90,
        now: () => NOW,
        random: () => 0.5,
        wait: async () => {},
      }),
    });
    for (const record of records) {
      expect(await fanOut.deliver('crm', aDelivery(record, 'crm'))).toEqual([]);
    }
    const received = crm.received.map(({ data }) => data.receivedAt.slice(0, 10));
    expect(received.sort()).toEqual(['2026-03-01', '2026-03-04', '2026-03-08']);
  });

  describe('with another mapping', () => {
    const toBerths = { from: 'quarantine', mapping: 'berths' } as const;

    it.each([undefined, 'lettr'])('repairs what was posted to the URL of %s', async (postedTo) => {
      await quarantine('{"guest":"crm-77"}', postedTo);

      const report = await replayWith(WITH_BERTHS)({ ...toBerths, dryRun: true });
      expect(report).toMatchObject({ dryRun: true, scanned: 1, valid: 1, invalid: 0 });
      expect(await aws.drain(queues.records)).toEqual([]);

      expect(await replayWith(WITH_BERTHS)(toBerths)).toMatchObject({ valid: 1 });
      const [record] = await recordsOn(queues.records);
      expect(record?.data.customer?.sourceId).toBe('crm-77');
      expect(await aws.drain(queues.quarantine)).toEqual([]);
    });

    it('repairs with none what needs no mapping', async () => {
      const publication = {
        object: 'publication',
        customer: { source_id: 'crm-77' },
        voucher: { code: 'QUAY-1', discount: { type: 'PERCENT', percent_off: 10 } },
      };
      await quarantine(JSON.stringify(publication), 'berths');
      const replay = replayWith(WITH_BERTHS);

      expect(await replay({ from: 'quarantine', dryRun: true })).toMatchObject({
        valid: 0,
        issues: [{ path: 'guest' }],
      });
      expect(await replay({ from: 'quarantine', mapping: null })).toMatchObject({ valid: 1 });
      const [record] = await recordsOn(queues.records);
      expect(record?.data).toMatchObject({ purpose: 'code', voucher: { code: 'QUAY-1' } });
    });

    it('takes only what was posted to the URL in question', async () => {
      await quarantine('{"guest":"crm-1"}');
      await quarantine('{"guest":"crm-2"}', 'lettr');
      await quarantine('{"guest":"crm-3"}', 'letters');
      const replay = replayWith(WITH_BERTHS);

      const report = await replay({ ...toBerths, postedTo: 'lettr' });
      expect(report).toMatchObject({ scanned: 3, valid: 1, invalid: 0, skipped: 2 });
      expect(await replay({ ...toBerths, postedTo: null })).toMatchObject({ valid: 1, skipped: 1 });
      const customers = (await recordsOn(queues.records)).map(
        ({ data }) => data.customer?.sourceId,
      );
      expect(new Set(customers)).toEqual(new Set(['crm-1', 'crm-2']));
    });

    it('leaves what is still invalid as it was, with the issues at its own URL', async () => {
      await quarantine('{"berth":4}', 'lettr');
      const report = await replayWith(WITH_BERTHS)(toBerths);

      expect(report).toMatchObject({ valid: 0, invalid: 1, issues: [{ path: 'guest', count: 1 }] });
      const [message] = await aws.drain(queues.quarantine);
      expect(message?.Body).toContain('No mapping of this name');
      expect(message?.Body).not.toContain('guest');
    });

    it('says which mappings exist when there is none of that name', async () => {
      await expect(replayWith(WITH_BERTHS)({ ...toBerths, mapping: 'berth' })).rejects.toThrow(
        /known are: berths/,
      );
    });
  });

  it('logs each message that it moved, with the id of every other line about it', async () => {
    const telemetry = recordingTelemetry();
    await quarantine('{"guest":"crm-77"}', 'berths');
    await sendDeadLetter(deadLetterFor('crm', aRecord({ id: 'whs_refused' })));
    await sendDeadLetter({ neither: 'a dead letter nor a record' });

    await replayWith(WITH_BERTHS, telemetry)({ from: 'quarantine' });
    await replayWith(WITH_BERTHS, telemetry)({ from: 'dead-letters' });

    const [record] = await recordsOn(queues.records);
    expect(telemetry.replays).toEqual([
      { from: 'quarantine', id: record?.id, status: 'valid' },
      { from: 'dead-letters', id: 'whs_refused', status: 'replayed' },
    ]);
  });

  it('reports in a dry run which paths failed how often, moves nothing, and releases every message at once', async () => {
    await quarantine('{"berths":[3]}');
    await quarantine('{"berths":[7]}');
    await quarantine('no json');

    const report = await replayWith()({ from: 'quarantine', dryRun: true });

    expect(report).toMatchObject({ dryRun: true, scanned: 3, valid: 0, invalid: 3 });
    expect(report).toHaveProperty('issues.0.count', 2);
    expect(await aws.drain(queues.quarantine)).toHaveLength(3);
    expect(await aws.drain(queues.records)).toEqual([]);
  });

  it('can be repeated: what was replayed is gone, what stays is still there', async () => {
    await quarantine('{"guest":"crm-77"}', 'berths');
    await quarantine('no json');
    await replayWith(WITH_BERTHS)({ from: 'quarantine' });

    const again = await replayWith(WITH_BERTHS)({ from: 'quarantine' });

    expect(again).toMatchObject({ scanned: 1, valid: 0, invalid: 1 });
    expect(await aws.drain(queues.records)).toHaveLength(1);
  });

  it('goes on after a message whose stored body is damaged', async () => {
    const damaged = {
      receivedAt: NOW.toISOString(),
      id: 'whs_damaged',
      mapping: null,
      body: { encoding: 'gzip+base64', text: 'AAAA' },
    };
    await aws.sqs.send(
      new SendMessageCommand({
        QueueUrl: queues.quarantine,
        MessageBody: JSON.stringify(damaged),
      }),
    );
    await quarantine('{"guest":"crm-77"}', 'berths');

    const report = await replayWith(WITH_BERTHS)({ from: 'quarantine' });

    expect(report).toMatchObject({ stopReason: 'empty', scanned: 2, valid: 1, unparsable: 1 });
    expect(await aws.drain(queues.quarantine)).toHaveLength(1);
  });

  it('leaves a late repeat, unless the operator accepts it', async () => {
    const body = {
      ...(JSON.parse(readBody(sample('code-percent-discount')).toString()) as object),
      created_at: '2026-01-01T00:00:00Z',
    };
    await quarantine(JSON.stringify(body));

    expect(await replayWith()({ from: 'quarantine' })).toMatchObject({ valid: 0, invalid: 1 });
    const accepted = await replayWith()({ from: 'quarantine', acceptLate: true });

    expect(accepted).toMatchObject({ valid: 1, invalid: 0 });
    expect((await recordsOn(queues.records)).map(({ id }) => id)).toEqual(['whs_pct7Kd93mQ']);
  });

  it('takes no webhook for late because it waited in quarantine', async () => {
    const createdAt = new Date(NOW.getTime() - 14 * DAY_MS).toISOString();
    const data = codeData({ customer: null, publication: null });
    const body = fromDistribution('manual_distribution_schedule', data, { created_at: createdAt });
    await quarantine(JSON.stringify(body));
    const later = replayBy({
      ...createOperatorDeps(),
      now: () => new Date(NOW.getTime() + 13 * DAY_MS),
    });

    const report = await later({ from: 'quarantine' });

    expect(report).toHaveProperty('issues.0.path', 'data.customer');
    expect(report).toHaveProperty('issues.length', 1);
  });

  it('tries each dead letter once, although every replay fails and becomes one again', async () => {
    const ids = ['whs_1', 'whs_2', 'whs_3'];
    for (const id of ids) await sendDeadLetter(deadLetterFor('crm', aRecord({ id })));
    const tried: string[] = [];
    const replay = replayBy({
      ...createOperatorDeps(),
      // the destination rejects everything at once
      enqueueDelivery: async ({ record, destination }) => {
        tried.push(record.id);
        await sendDeadLetter(deadLetterFor(destination, record));
      },
      now: () => new Date(),
    });

    const report = await replay({ from: 'dead-letters' });

    expect(tried.sort()).toEqual(ids);
    expect(report).toMatchObject({ scanned: 3, replayed: 3, stopReason: 'empty', limit: null });
    expect(await aws.drain(queues.deadLetters)).toHaveLength(3);
  });

  it('reports in a dry run what it would replay, and replays nothing', async () => {
    await sendDeadLetter(deadLetterFor('crm', aRecord()));
    await sendDeadLetter(deadLetterFor('mail', aRecord()));
    const request = { from: 'dead-letters', destination: 'crm', dryRun: true, limit: 10 } as const;

    expect(await replayWith()(request)).toEqual({
      command: 'replay',
      from: 'dead-letters',
      dryRun: true,
      limit: 10,
      stopReason: 'empty',
      scanned: 2,
      replayed: 0,
      wouldReplay: 1,
      skipped: 1,
      unparsable: 0,
      deadLetters: expect.arrayContaining([
        expect.objectContaining({ destination: 'crm', status: 'would_replay' }),
        expect.objectContaining({ destination: 'mail', status: 'skipped' }),
      ]) as unknown,
      others: 0,
      later: 0,
      failed: 0,
      failures: [],
      held: [],
      hiddenByOthers: 0,
      continuation: null,
    });
    expect(await aws.drain(queues.crm)).toEqual([]);
    expect(await aws.drain(queues.deadLetters)).toHaveLength(2);
  });

  it('replays only the deliveries that were asked for', async () => {
    await sendDeadLetter(deadLetterFor('crm', aRecord({ id: 'whs_1' })));
    await sendDeadLetter(deadLetterFor('mail', aRecord({ id: 'whs_2' })));
    await sendDeadLetter(
      deadLetterFor('crm', aRecord({ id: 'whs_3' }), '2026-03-01T10:00:00.000Z'),
    );

    const report = await replayWith()({
      from: 'dead-letters',
      destination: 'crm',
      since: '2026-03-05T00:00:00Z',
    });

    expect(report).toMatchObject({ scanned: 3, replayed: 1, skipped: 2 });
    expect(report).toMatchObject({
      deadLetters: expect.arrayContaining([
        expect.objectContaining({ status: 'replayed', destination: 'crm', count: 1 }),
        expect.objectContaining({ status: 'skipped', destination: 'mail', count: 1 }),
        expect.objectContaining({ status: 'skipped', destination: 'crm', count: 1 }),
      ]) as unknown,
    });
    const deliveries = (await aws.drain(queues.crm)).map(({ Body }) =>
      v.parse(DeliveryMessageSchema, JSON.parse(Body ?? '')),
    );
    expect(deliveries).toMatchObject([
      {
        record: { id: 'whs_1' },
        destination: 'crm',
        requestedAt: NOW.toISOString(),
      },
    ]);
    expect(await aws.drain(queues.deadLetters)).toHaveLength(2);
  });

  it('replays what an older release could not parse and this one can', async () => {
    const delivery = {
      record: aRecord({ id: 'whs_delivery' }),
      destination: 'crm',
      requestedAt: '2026-03-05T10:00:00.000Z',
    };
    for (const message of [aRecord({ id: 'whs_understood' }), delivery]) {
      await sendDeadLetter({
        reason: 'invalid_message',
        issues: ['data: expected Object'],
        body: JSON.stringify(message),
        lastAt: NOW.toISOString(),
      });
    }

    const report = await replayWith()({ from: 'dead-letters' });

    expect(report).toMatchObject({ scanned: 2, replayed: 2, unparsable: 0 });
    expect((await recordsOn(queues.records)).map(({ id }) => id)).toEqual(['whs_understood']);
    expect(await aws.drain(queues.crm)).toHaveLength(1);
    expect(await aws.drain(queues.deadLetters)).toEqual([]);
  });

  it('parses the three formats of [dead-letters], and leaves what it cannot parse', async () => {
    await sendDeadLetter(deadLetterFor(null, aRecord({ id: 'whs_unrouted' })));
    await sendDeadLetter(aRecord({ id: 'whs_redriven' }));
    await sendDeadLetter({
      record: aRecord({ id: 'whs_delivery' }),
      destination: 'crm',
      requestedAt: '2026-03-05T10:00:00.000Z',
    });
    await sendDeadLetter({
      reason: 'invalid_message',
      issues: ['is not JSON'],
      body: 'x',
      lastAt: NOW.toISOString(),
    });

    const report = await replayWith()({ from: 'dead-letters' });

    expect(report).toMatchObject({ scanned: 4, replayed: 3, unparsable: 1 });
    const unknown = { lastFailure: null, count: 1 };
    const { deadLetters } = report as Extract<QueueReport, { deadLetters: unknown }>;
    expect(new Set(deadLetters)).toEqual(
      new Set([
        { ...unknown, status: 'replayed', destination: null, reason: 'unrouted' },
        { ...unknown, status: 'replayed', destination: null, reason: 'redriven' },
        { ...unknown, status: 'replayed', destination: 'crm', reason: 'redriven' },
        { ...unknown, status: 'unparsable', destination: null, reason: 'invalid_message' },
      ]),
    );
    expect((await recordsOn(queues.records)).map(({ id }) => id).sort()).toEqual([
      'whs_redriven',
      'whs_unrouted',
    ]);
    expect(await aws.drain(queues.crm)).toHaveLength(1);
    expect(await aws.drain(queues.deadLetters)).toHaveLength(1);
  });

  it('keeps what it cannot move, says why, and shows it again', async () => {
    await sendDeadLetter(deadLetterFor('crm', aRecord({ id: 'whs_1' })));
    await sendDeadLetter(deadLetterFor('crm', aRecord({ id: 'whs_2' })));

    const report = await replayWith()({ from: 'dead-letters', as: 'not-declared' });

    expect(report).toMatchObject({
      scanned: 0,
      replayed: 0,
      failed: 2,
      failures: [{ cause: 'QueueDoesNotExist', count: 2 }],
      stopReason: 'empty',
    });
    expect(await aws.drain(queues.deadLetters)).toHaveLength(2);
  });
});
