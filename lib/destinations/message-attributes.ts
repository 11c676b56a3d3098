import { createHash } from 'node:crypto';
import type { RelayRecord } from '../record/record.ts';

/** What subscribers of a queue or a topic may filter on. */
export interface MessageAttributes {
  [name: string]: { readonly DataType: 'String'; readonly StringValue: string };
}

const PROJECT_IN_SOURCE = /^\/voucherify\/(proj_[^/]+)/;
/** SQS and SNS refuse all other characters (API reference of SendMessage). */
const ALLOWED_IN_ATTRIBUTE = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+$/u;
/** What FIFO queues take as an id (API reference of SendMessage, MessageDeduplicationId). */
const FIFO_ID = /^[!-~]{1,128}$/;

/**
 * The attributes `type`, `purpose` and `project` of a record's message. One that is unknown is left
 * out: AWS refuses a message with an empty attribute.
 */
export function toMessageAttributes(record: RelayRecord): MessageAttributes {
  const values = {
    type: record.type,
    purpose: record.data.purpose,
    project: PROJECT_IN_SOURCE.exec(record.source)?.[1] ?? '',
  };
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => ALLOWED_IN_ATTRIBUTE.test(value))
      .map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}

/**
 * What a FIFO queue or topic needs besides: one order for each customer, and the record's id to drop
 * repetitions by. Nothing for a standard one.
 * @param queueUrlOrTopicArn the queue's URL or the topic's ARN, which ends in `.fifo` where there is an order
 */
export function toFifoAttributes(
  queueUrlOrTopicArn: string,
  record: RelayRecord,
): { MessageGroupId?: string; MessageDeduplicationId?: string } {
  if (!queueUrlOrTopicArn.endsWith('.fifo')) return {};
  return {
    MessageGroupId: toFifoId(record.subject ?? record.id),
    MessageDeduplicationId: toFifoId(record.id),
  };
}

/** The sender's ids are opaque, so one that AWS would refuse is hashed. */
function toFifoId(id: string): string {
  return FIFO_ID.test(id) ? id : createHash('sha256').update(id).digest('hex');
}
