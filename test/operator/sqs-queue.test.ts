import { DeleteQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqsQueue, type OperatorQueue } from '../../lib/operator/sqs-queue.ts';
import { type Aws, startAws } from '../support/aws.ts';

let aws: Aws;
let url: string;
let queue: OperatorQueue;
beforeEach(async () => {
  aws = await startAws();
  url = await aws.createQueue('dead-letters');
  queue = createSqsQueue(aws.sqs, url);
});
afterEach(() => aws.stop());

const put = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) {
    await aws.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: String(n) }));
  }
};

describe("an operator's queue", () => {
  it('hides what it receives for 30 minutes, and says when it was sent', async () => {
    await put(2);
    const received = await queue.receiveMessages();
    expect(received.map(({ body }) => body).sort()).toEqual(['0', '1']);
    for (const { sentAt } of received) {
      expect(Math.abs(Date.now() - sentAt.getTime())).toBeLessThan(10_000);
    }
    expect(await queue.receiveMessages()).toEqual([]);
    const hiddenMs = aws
      .listInFlight('dead-letters')
      .map(({ visibleAtMs }) => visibleAtMs - Date.now());
    for (const ms of hiddenMs) expect(ms / 60_000).toBeCloseTo(30, 0);
    expect(hiddenMs).toHaveLength(2);
  });

  it('deletes what it is given, and gives back what it is given, more than ten at once', async () => {
    await put(25);
    const received = [
      ...(await queue.receiveMessages()),
      ...(await queue.receiveMessages()),
      ...(await queue.receiveMessages()),
    ];
    expect(received).toHaveLength(25);
    expect(await queue.deleteMessages(received.slice(0, 3))).toEqual([]);
    expect(await queue.unhide(received.slice(3).map(({ handle }) => handle))).toBe(22);
    expect(await aws.drain(url)).toHaveLength(22);
  });

  it('says which messages it could not delete or give back, and rejects neither', async () => {
    await put(1);
    const received = await queue.receiveMessages();
    await aws.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    expect(await queue.deleteMessages(received)).toEqual(
      received.map(({ handle }) => ({ handle, cause: 'QueueDoesNotExist' })),
    );
    expect(await queue.unhide(received.map(({ handle }) => handle))).toBe(0);
    await expect(queue.receiveMessages()).rejects.toThrow('The specified queue does not exist');
  });
});
