import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { toSqsRecords } from './sqs-event.ts';

/** The most messages in one request to SQS. */
export const MAX_BATCH_ENTRIES = 10;

/** The calls of a queue that Lambda makes. Each rejects when SQS returns an error or no response. */
export interface SourceQueue {
  /** Receives up to `limit` (at most 10) messages; none when none arrived within `waitSeconds` (a whole number up to 20). */
  receive(limit: number, waitSeconds: number): Promise<SQSRecord[]>;
  /** Deletes messages. */
  delete(records: readonly SQSRecord[]): Promise<void>;
  /** Makes messages visible again at once. */
  release(records: readonly SQSRecord[]): Promise<void>;
}

/** Creates a source queue that uses the SDK. */
export function createSourceQueue(
  client: SQSClient,
  url: string,
  arn: string,
  region: string,
): SourceQueue {
  return {
    async receive(limit, waitSeconds) {
      const { Messages } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: limit,
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      return toSqsRecords(Messages ?? [], arn, region);
    },
    async delete(records) {
      for (const entries of toBatches(records)) {
        await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries }));
      }
    },
    async release(records) {
      for (const entries of toBatches(records)) {
        const Entries = entries.map(({ Id, ReceiptHandle }) => ({
          Id,
          ReceiptHandle,
          VisibilityTimeout: 0,
        }));
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
      }
    },
  };
}

function toBatches(records: readonly SQSRecord[]): { Id: string; ReceiptHandle: string }[][] {
  const entries = records.map((record, index) => ({
    Id: String(index),
    ReceiptHandle: record.receiptHandle,
  }));
  const starts = entries
    .map((_, index) => index)
    .filter((index) => index % MAX_BATCH_ENTRIES === 0);
  return starts.map((start) => entries.slice(start, start + MAX_BATCH_ENTRIES));
}
