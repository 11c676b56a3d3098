import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFailureQueues } from '../../lib/fan-out/failure-queues.ts';
import { aRecord } from '../support/a-record.ts';
import { type Aws, startAws } from '../support/aws.ts';

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

const retry = (destination: string) => ({
  record: aRecord(),
  destination,
  attempt: 2,
  firstAt: '2026-03-05T09:15:05.000Z',
  notBefore: '2026-03-05T09:15:10.000Z',
  lastFailure: { reason: 'http_status' as const, cause: null, status: 503 },
});

it('puts retries on their queue, with one group per destination, hidden for their delay', async () => {
  const url = await aws.createQueue('retries');
  const { sendRetry } = createFailureQueues(aws.sqs, {
    RETRIES_QUEUE_URL: url,
    DEAD_LETTERS_QUEUE_URL: url,
  });
  const sent: SendMessageCommandInput[] = [];
  aws.sqs.middlewareStack.add(
    (next) => async (args) => {
      if ('MessageBody' in args.input) sent.push(args.input);
      return next(args);
    },
    { name: 'watch' },
  );

  await sendRetry(retry('crm'), 900);
  await sendRetry(retry('sms'), 0);

  aws.sqs.middlewareStack.remove('watch');
  expect(sent).toMatchObject([
    { MessageGroupId: 'crm', DelaySeconds: 900 },
    { MessageGroupId: 'sms', DelaySeconds: 0 },
  ]);
  const messages = await aws.drain(url);
  expect(messages.map(({ Body }) => JSON.parse(Body ?? '') as unknown)).toEqual([retry('sms')]);
});

it('puts dead letters on their queue, and rejects when the queue does not accept one', async () => {
  const url = await aws.createQueue('dead-letters');
  const queues = (deadLettersUrl: string) =>
    createFailureQueues(aws.sqs, {
      RETRIES_QUEUE_URL: url,
      DEAD_LETTERS_QUEUE_URL: deadLettersUrl,
    });
  const deadLetter = {
    reason: 'invalid_message' as const,
    issues: ['is not JSON'],
    body: '{"key \uFFFE": ',
    lastAt: '2026-03-05T09:15:05.000Z',
  };

  await queues(url).sendDeadLetter(deadLetter);
  await expect(queues(`${url}-nowhere`).sendDeadLetter(deadLetter)).rejects.toThrow(/queue/);

  const messages = await aws.drain(url);
  expect(messages.map(({ Body }) => JSON.parse(Body ?? '') as unknown)).toEqual([deadLetter]);
});

it('has room around the largest record that receive accepts', async () => {
  const url = await aws.createQueue('large');
  const { sendRetry } = createFailureQueues(aws.sqs, {
    RETRIES_QUEUE_URL: url,
    DEAD_LETTERS_QUEUE_URL: url,
  });
  const empty = JSON.stringify(aRecord({ data: { distributionLabel: '' } })).length;
  const distributionLabel = 'x'.repeat(1_048_576 - 16_384 - empty);
  await sendRetry({ ...retry('crm'), record: aRecord({ data: { distributionLabel } }) }, 0);
  expect(await aws.drain(url)).toHaveLength(1);
});
