import { toAllowedId } from '../record/allowed-id.ts';
import { isContentHashId } from '../record/record-id.ts';
import type { RelayRecord } from '../record/record.ts';

/** The attributes that consumers of a queue or subscribers of a topic can filter on. */
export interface MessageAttributes {
  [name: string]: { readonly DataType: 'String'; readonly StringValue: string };
}

/** The first segment; empty when the project is unknown (lib/normalise/envelope.ts). */
const PROJECT_IN_SOURCE = /^\/voucherify\/([^/]+)/;
/** SQS and SNS reject all other characters (API reference of SendMessage). */
const ALLOWED_IN_ATTRIBUTE = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+$/u;
/** What FIFO queues accept as an id (API reference of SendMessage, MessageDeduplicationId). */
const FIFO_ID = /^[!-~]{1,128}$/;

/**
 * Returns the attributes `type`, `purpose` and `project` of a record's message. An unknown one is left
 * out: AWS rejects a message with an empty attribute.
 */
export function toMessageAttributes(record: RelayRecord): MessageAttributes {
  const values = {
    type: record.type,
    purpose: record.data.purpose,
    project: getProject(record.source),
  };
  return Object.fromEntries(
    Object.entries(values)
      .map(([name, value]) => [name, value.toWellFormed()] as const)
      .filter(([, value]) => ALLOWED_IN_ATTRIBUTE.test(value))
      .map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}

/** The project's id as Voucherify sent it; empty when unknown. A queue is a boundary, so it may be malformed. */
function getProject(source: string): string {
  const segment = PROJECT_IN_SOURCE.exec(source)?.[1] ?? '';
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}

/**
 * Returns the group id and the deduplication id of a message for a FIFO queue or topic: messages of one
 * customer stay in order, and repetitions are dropped by the record's id. Empty for a standard one.
 * An id that is only a hash of the body counts together with its time: equal bodies of several days are
 * several webhooks, and AWS would drop all but the first when they are replayed together.
 * @param queueUrlOrTopicArn the queue's URL or the topic's ARN; it ends in `.fifo` for a FIFO one
 */
export function toFifoAttributes(
  queueUrlOrTopicArn: string,
  record: RelayRecord,
): { MessageGroupId?: string; MessageDeduplicationId?: string } {
  if (!queueUrlOrTopicArn.endsWith('.fifo')) return {};
  const { id, subject, data } = record;
  return {
    MessageGroupId: toAllowedId(subject ?? id, FIFO_ID),
    MessageDeduplicationId: toAllowedId(
      isContentHashId(id) ? `${id}@${data.receivedAt}` : id,
      FIFO_ID,
    ),
  };
}
