import * as v from 'valibot';

/** A message as it lies on a queue; looking at it changes nothing. */
export interface StoredMessage {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: Date;
  readonly receiveCount: number;
}

/** What is on a queue: can be received now, waits for its delay, or is in somebody's hands. */
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
 * Looks into a queue of the SQS emulator without receiving. The emulator moves messages only when
 * somebody receives; so what has become visible meanwhile is counted as ready here.
 * @param nowMs by which delays and visibility timeouts are judged
 */
export async function readQueueContents(
  sqsEndpoint: string,
  queueName: string,
  nowMs: number,
): Promise<QueueContents> {
  const response = await fetch(`${sqsEndpoint}/_fauxqs/queues/${encodeURIComponent(queueName)}`);
  if (!response.ok) throw new Error(`The emulator answers ${response.status} for ${queueName}`);
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

/** How many messages are on each queue in all, by the queue's name: ready, delayed and in flight. */
export async function readQueueCounts(sqsEndpoint: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${sqsEndpoint}/_fauxqs/queues`);
  if (!response.ok) throw new Error(`The emulator answers ${response.status}`);
  return new Map(v.parse(CountsSchema, await response.json()));
}
