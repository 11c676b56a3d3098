import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { errorName } from '../error-name.ts';
import { SEND_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { withDeadline } from '../platform/deadline.ts';
import { serializeMessage } from '../platform/sqs-message.ts';
import { createGroupSender, createSender } from '../platform/sqs.ts';
import { toGroupId } from '../record/group-id.ts';
import type { DeadLetter, DeliveryMessage } from './queue-messages.ts';
import type { FanOutSettings } from './settings.ts';
import { splitEvery } from '../split-every.ts';

/** A message for the queue of a destination. */
export interface OutgoingDelivery {
  readonly body: string;
  /** The group by which SQS shares the queue out fairly. */
  readonly groupId: string;
}

/** Whether a message is stored. `no_queue`: the queue does not exist, or may not be written to. */
export type SendResult =
  | { readonly kind: 'stored' }
  | { readonly kind: 'failed' | 'no_queue'; readonly cause: string };

/** A received message that stays on its queue. */
export interface HiddenMessage {
  readonly receiptHandle: string;
  /** Until it can be received again, a whole number. */
  readonly seconds: number;
}

/** The queues as fanOut uses them. */
export interface FanOutQueues {
  /** Puts deliveries on the queue of a destination; one result for each, in their order. Never rejects. */
  readonly sendDeliveries: (
    destinationId: string,
    deliveries: readonly OutgoingDelivery[],
  ) => Promise<readonly SendResult[]>;
  /**
   * Hides messages of the queue of a destination; of [records] when that is null. What is not hidden comes back after the visibility
   * timeout of the queue.
   * @throws (rejects) when SQS does not carry it out
   */
  readonly hide: (
    destinationId: string | null,
    messages: readonly HiddenMessage[],
  ) => Promise<void>;
  /** Puts a message on [dead-letters]; resolves when SQS has stored it. */
  readonly sendDeadLetter: (deadLetter: DeadLetter) => Promise<void>;
  /** Returns the id of the destination whose queue has this ARN; null for any other queue. */
  readonly toDestinationId: (queueArn: string) => string | null;
}

/** API reference of SendMessageBatch: at most 10 messages, of 1 MiB together. */
const MAX_BATCH_ENTRIES = 10;
const MAX_BATCH_BYTES = 1_048_576;
/** Errors that no repetition of the call heals: somebody has to create the queue or allow the call. */
const NO_QUEUE =
  /QueueDoesNotExist|NonExistentQueue|QueueDeletedRecently|AccessDenied|InvalidAddress|KmsAccessDenied/;

/** Creates the queues of fanOut. */
export function createFanOutQueues(
  client: SQSClient,
  settings: Pick<
    FanOutSettings,
    'RECORDS_QUEUE_URL' | 'DESTINATION_QUEUES_URL' | 'DEAD_LETTERS_QUEUE_URL'
  >,
): FanOutQueues {
  const { DESTINATION_QUEUES_URL: urlPrefix } = settings;
  const namePrefix = urlPrefix.slice(urlPrefix.lastIndexOf('/') + 1);
  const sendToDeadLetters = createSender(client, settings.DEAD_LETTERS_QUEUE_URL);

  const sendBatch = async (
    url: string,
    deliveries: readonly OutgoingDelivery[],
  ): Promise<readonly SendResult[]> => {
    const command = new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: deliveries.map(({ body, groupId }, index) => ({
        Id: String(index),
        MessageBody: body,
        MessageGroupId: groupId,
      })),
    });
    try {
      const { Successful = [], Failed = [] } = await withDeadline(SEND_DEADLINE_MS, (abortSignal) =>
        client.send(command, { abortSignal }),
      );
      const storedIds = new Set(Successful.map(({ Id }) => Id));
      const codes = new Map(Failed.map(({ Id, Code = 'Unknown' }) => [Id, Code]));
      return deliveries.map((_, index) =>
        storedIds.has(String(index))
          ? { kind: 'stored' }
          : { kind: 'failed', cause: codes.get(String(index)) ?? 'NoResult' },
      );
    } catch (error) {
      const cause = errorName(error);
      const result: SendResult = { kind: NO_QUEUE.test(cause) ? 'no_queue' : 'failed', cause };
      return deliveries.map(() => result);
    }
  };

  return {
    async sendDeliveries(destinationId, deliveries) {
      const url = urlPrefix + destinationId;
      const batches = splitIntoBatches(deliveries);
      const results = await Promise.all(
        batches.map(async (batch) => {
          const sent = await sendBatch(url, batch);
          // one entry can be why SQS refuses the others too
          return Promise.all(
            sent.map(async (result, index) => {
              const delivery = batch[index];
              const isAlone = batch.length === 1 || delivery === undefined;
              if (result.kind !== 'failed' || isAlone) return result;
              return (await sendBatch(url, [delivery]))[0] ?? result;
            }),
          );
        }),
      );
      return results.flat();
    },

    async hide(destinationId, messages) {
      const url = destinationId === null ? settings.RECORDS_QUEUE_URL : urlPrefix + destinationId;
      await Promise.all(
        splitEvery(MAX_BATCH_ENTRIES, messages).map(async (batch) => {
          const command = new ChangeMessageVisibilityBatchCommand({
            QueueUrl: url,
            Entries: batch.map(({ receiptHandle, seconds }, index) => ({
              Id: String(index),
              ReceiptHandle: receiptHandle,
              VisibilityTimeout: seconds,
            })),
          });
          await withDeadline(SEND_DEADLINE_MS, (abortSignal) =>
            client.send(command, { abortSignal }),
          );
        }),
      );
    },

    sendDeadLetter: (deadLetter) => sendToDeadLetters(serializeMessage(deadLetter)),

    toDestinationId(queueArn) {
      const name = queueArn.slice(queueArn.lastIndexOf(':') + 1);
      return name.startsWith(namePrefix) ? name.slice(namePrefix.length) : null;
    },
  };
}

/** Returns the function that puts one delivery on the queue of its destination. Rejects unless stored. */
export function createDeliverySender(
  client: SQSClient,
  { DESTINATION_QUEUES_URL: urlPrefix }: Pick<FanOutSettings, 'DESTINATION_QUEUES_URL'>,
): (delivery: DeliveryMessage) => Promise<void> {
  return (delivery) =>
    createGroupSender(client, urlPrefix + delivery.destination)(
      serializeMessage(delivery),
      toGroupId(delivery.record),
    );
}

/** Splits messages so that each batch is one that SQS accepts. */
function splitIntoBatches(deliveries: readonly OutgoingDelivery[]): OutgoingDelivery[][] {
  const batches: OutgoingDelivery[][] = [];
  let bytes = 0;
  for (const delivery of deliveries) {
    const size = Buffer.byteLength(delivery.body);
    const current = batches.at(-1);
    if (
      current === undefined ||
      current.length === MAX_BATCH_ENTRIES ||
      bytes + size > MAX_BATCH_BYTES
    ) {
      batches.push([delivery]);
      bytes = size;
    } else {
      current.push(delivery);
      bytes += size;
    }
  }
  return batches;
}
