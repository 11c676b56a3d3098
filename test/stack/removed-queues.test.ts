import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findRemovedQueues } from '../../lib/stack/removed-queues.ts';
import { type Aws, startAws } from '../support/aws.ts';

const PREFIX = 'relay-prod-to-';
let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
  const fill = async (name: string, count: number, DelaySeconds = 0): Promise<string> => {
    const QueueUrl = await aws.createQueue(PREFIX + name);
    for (let n = 0; n < count; n += 1) {
      await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', DelaySeconds }));
    }
    return QueueUrl;
  };
  await fill('crm', 2);
  await fill('empty', 0);
  await fill('delayed', 1, 900);
  const hidden = await fill('hidden', 1);
  await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl: hidden, VisibilityTimeout: 900 }));
  await aws.createQueue('relay-prod-records');
  await aws.createQueue('relay-dev-to-crm');
});
afterAll(() => aws.stop());

const find = (plannedIds: readonly string[], declaredIds: readonly string[] = plannedIds) =>
  findRemovedQueues(
    aws.sqs,
    PREFIX,
    new Set(plannedIds.map((id) => PREFIX + id)),
    new Set(declaredIds),
  );

it('a queue with messages is found, however they wait, with its number of messages and the fix', async () => {
  expect((await find([])).toSorted()).toEqual([
    "The queue relay-prod-to-crm still has 2 messages (2 ready), and after this deploy nobody would deliver them. Declare 'crm' again with `retired: true`, or, if it has another name now, with `formerly: 'crm'`, and remove it when its queue is empty.",
    "The queue relay-prod-to-delayed still has 1 message (1 delayed), and after this deploy nobody would deliver them. Declare 'delayed' again with `retired: true`, or, if it has another name now, with `formerly: 'delayed'`, and remove it when its queue is empty.",
    "The queue relay-prod-to-hidden still has 1 message (1 hidden until they are retried), and after this deploy nobody would deliver them. Declare 'hidden' again with `retired: true`, or, if it has another name now, with `formerly: 'hidden'`, and remove it when its queue is empty.",
  ]);
});

it('the queue of a destination that stays is not found, and neither is one that is empty', async () => {
  expect(await find(['crm', 'delayed', 'hidden'])).toEqual([]);
});

it('the queue of a destination whose address is empty in the stage is found', async () => {
  expect(await find(['delayed', 'hidden'], ['crm', 'delayed', 'hidden'])).toEqual([
    expect.stringContaining("Set the stage parameter with the address of 'crm' again"),
  ]);
});
