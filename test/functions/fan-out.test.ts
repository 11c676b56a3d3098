import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, startAws } from '../support/aws.ts';
import { type HttpReceiver, startReceiver } from '../support/http-receiver.ts';
import { captureOutput } from '../support/captured-lines.ts';
import { aBatch, aBatchOf, aContext } from '../support/lambda.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';

let aws: Aws;
let receiver: HttpReceiver;
let consumersUrl: string;

/** The shipped destinations. */
const DESTINATIONS = ['consumers', 'http'];
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:voucher-relay-test-to-';
type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Routes a record, and delivers what is then on the queue of each destination. */
async function fanOut(handler: Handler, record: RelayRecord): Promise<readonly string[]> {
  const staying: string[] = [];
  const run = async (event: SQSEvent): Promise<void> => {
    const { batchItemFailures } = await handler(event, aContext());
    staying.push(...batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  };
  await run(aBatch(record));
  for (const id of DESTINATIONS) {
    const url = `${aws.sqsEndpoint}/000000000000/voucher-relay-test-to-${id}`;
    const bodies = (await aws.drain(url)).map(({ Body }) => Body ?? '');
    await run(aBatchOf({ queueArn: QUEUE_ARN + id, sentAt: new Date() }, ...bodies));
  }
  return staying;
}

beforeAll(async () => {
  [aws, receiver] = await Promise.all([startAws(), startReceiver()]);
  consumersUrl = await aws.createQueue('consumers');
  await aws.createTable('deliveries');
  for (const id of DESTINATIONS) await aws.createQueue(`voucher-relay-test-to-${id}`);
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_SQS: aws.sqsEndpoint,
    AWS_ENDPOINT_URL_DYNAMODB: aws.dynamoEndpoint,
    RECORDS_QUEUE_URL: `${aws.sqsEndpoint}/000000000000/voucher-relay-test-records`,
    DESTINATION_QUEUES_URL: `${aws.sqsEndpoint}/000000000000/voucher-relay-test-to-`,
    DEAD_LETTERS_QUEUE_URL: await aws.createQueue('dead-letters'),
    DELIVERIES_TABLE: 'deliveries',
    INDEX_SECRET: 'inline:invented-index-key-of-these-tests-1',
    CONSUMERS_QUEUE_URL: consumersUrl,
    HTTP_URL: receiver.url,
    HTTP_SIGNING_SECRETS: 'inline:whsec_aW52ZW50ZWQtc2VjcmV0LW9mLXRlc3Rz',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([aws.stop(), receiver.stop()]);
});

describe('the function fanOut as it is deployed', () => {
  it('delivers a record to the consumers queue and to the HTTP destination, once', async () => {
    const { handler } = await import('../../functions/fan-out.ts');
    const record = aRecord({ data: { voucher: aVoucher({ expiresAt: null }) } });

    await captureOutput(async () => {
      expect(await fanOut(handler, record)).toEqual([]);
      expect(await fanOut(handler, record)).toEqual([]);
    });

    const consumed = await aws.drain(consumersUrl);
    expect(consumed.map(({ Body }) => JSON.parse(Body ?? '') as unknown)).toEqual([record]);
    const { unmapped: _unmapped, ...data } = record.data;
    expect(receiver.received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { ...record, data },
    ]);
  });

  it('delivers to the other destinations while the address of one is not valid', async () => {
    vi.resetModules();
    vi.stubEnv('HTTP_URL', 'example.test/hook');
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'INFO');
    const record = aRecord({
      id: 'whs_misconfigured',
      data: { voucher: aVoucher({ expiresAt: null }) },
    });

    const lines = await captureOutput(async () => {
      const { handler } = await import('../../functions/fan-out.ts');
      // its message stays on its queue
      expect(await fanOut(handler, record)).toEqual(['m0']);
    });

    expect(await aws.drain(consumersUrl)).toHaveLength(1);
    expect(receiver.received).toHaveLength(1);
    const log = lines.join('\n');
    expect(log).toMatch(
      /"destination_misconfigured".*"issues":\["'http' has a url that is not a URL/,
    );
    expect(log).toContain('"failure":"misconfigured"');
    expect(log).toContain('"DestinationMisconfigured"');
    vi.stubEnv('HTTP_URL', receiver.url);
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  });

  it('names every invalid setting of its environment when it starts', async () => {
    vi.resetModules();
    vi.stubEnv('DELIVERIES_TABLE', '');
    vi.stubEnv('DESTINATION_QUEUES_URL', 'nowhere');
    vi.stubEnv('DEAD_LETTERS_QUEUE_URL', undefined);

    const starting = import('../../functions/fan-out.ts');

    await expect(starting).rejects.toThrow('The configuration has 3 faults');
    for (const named of [
      'DELIVERIES_TABLE is empty',
      'DESTINATION_QUEUES_URL is not a URL',
      'DEAD_LETTERS_QUEUE_URL is missing',
    ]) {
      await expect(starting).rejects.toThrow(named);
    }
  });
});
