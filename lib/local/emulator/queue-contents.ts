import * as v from 'valibot';

/** A message on a queue; reading it this way changes nothing. */
export interface StoredMessage {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: Date;
  readonly receiveCount: number;
}

/** The messages of a queue: visible, delayed, or in flight. */
export interface QueueContents {
  readonly ready: readonly StoredMessage[];
  readonly delayed: readonly StoredMessage[];
  readonly inFlight: readonly StoredMessage[];
}

const MessageSchema = v.pipe(
  v.object({
    messageId: v.string(),
    body: v.string(),
    sentTimestamp: v.number(),
    approximateReceiveCount: v.number(),
    delayUntil: v.optional(v.number(), 0),
  }),
  v.transform(({ messageId, body, sentTimestamp, approximateReceiveCount, delayUntil }) => ({
    message: {
      messageId,
      body,
      sentAt: new Date(sentTimestamp),
      receiveCount: approximateReceiveCount,
    },
    hiddenUntilMs: delayUntil,
  })),
);
const InFlightSchema = v.pipe(
  v.object({ message: MessageSchema, visibilityDeadline: v.number() }),
  v.transform(({ message, visibilityDeadline }) => ({
    message: message.message,
    hiddenUntilMs: visibilityDeadline,
  })),
);
const ContentsSchema = v.object({
  messages: v.object({
    ready: v.array(MessageSchema),
    delayed: v.array(MessageSchema),
    inflight: v.array(InFlightSchema),
  }),
});

/**
 * Reads the messages of a queue of the SQS emulator without receiving them. The emulator updates the
 * state of its messages only on a receive, so messages that have become visible are counted as ready here.
 * @param nowMs the current time, for delays and visibility timeouts
 * @throws Error when the emulator has no such queue
 */
export async function readQueueContents(
  sqsEndpoint: string,
  queueName: string,
  nowMs: number,
): Promise<QueueContents> {
  const response = await fetch(`${sqsEndpoint}/_fauxqs/queues/${encodeURIComponent(queueName)}`);
  if (!response.ok)
    throw new Error(`The SQS emulator responded ${response.status} for the queue ${queueName}`);
  const { ready, delayed, inflight } = v.parse(ContentsSchema, await response.json()).messages;
  const visible = [...delayed, ...inflight].filter((each) => each.hiddenUntilMs <= nowMs);
  const hidden = (list: typeof delayed): StoredMessage[] =>
    list.filter((each) => each.hiddenUntilMs > nowMs).map((each) => each.message);
  return {
    ready: [...ready, ...visible].map((each) => each.message),
    delayed: hidden(delayed),
    inFlight: hidden(inflight),
  };
}

const CountsSchema = v.array(
  v.pipe(
    v.object({
      name: v.string(),
      approximateMessageCount: v.number(),
      approximateInflightCount: v.number(),
      approximateDelayedCount: v.number(),
    }),
    v.transform((queue): [string, number] => [
      queue.name,
      queue.approximateMessageCount +
        queue.approximateInflightCount +
        queue.approximateDelayedCount,
    ]),
  ),
);

/** Counts all messages of each queue (ready, delayed and in flight), by the queue's name. */
export async function readQueueCounts(sqsEndpoint: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${sqsEndpoint}/_fauxqs/queues`);
  if (!response.ok)
    throw new Error(`The SQS emulator responded ${response.status} for the list of queues`);
  return new Map(v.parse(CountsSchema, await response.json()));
}
