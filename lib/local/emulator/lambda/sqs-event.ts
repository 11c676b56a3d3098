import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';

/** The largest event that Lambda passes to a function. */
const MAX_PAYLOAD_BYTES = 6_291_456;

/**
 * Converts received messages to the records of Lambda's SQS event.
 * @param messages as ReceiveMessage returns them, with all attributes
 */
export function toSqsRecords(
  messages: readonly Message[],
  queueArn: string,
  region: string,
): SQSRecord[] {
  return messages.map((message) => ({
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ApproximateReceiveCount: '',
      SentTimestamp: '',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '',
      ...message.Attributes,
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        toRecordAttribute(value),
      ]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    ...(message.MD5OfMessageAttributes !== undefined && {
      md5OfMessageAttributes: message.MD5OfMessageAttributes,
    }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  }));
}

function toRecordAttribute(value: MessageAttributeValue): SQSRecord['messageAttributes'][string] {
  return {
    ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
    ...(value.BinaryValue !== undefined && {
      binaryValue: Buffer.from(value.BinaryValue).toString('base64'),
    }),
    stringListValues: [],
    binaryListValues: [],
    dataType: value.DataType ?? 'String',
  };
}

/** Splits records, in order, into events of at most Lambda's payload size (6 MiB). */
export function splitIntoEvents(records: readonly SQSRecord[]): SQSEvent[] {
  const events: SQSEvent[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record));
    const last = events.at(-1);
    if (last === undefined || bytes + size > MAX_PAYLOAD_BYTES) {
      events.push({ Records: [record] });
      bytes = size;
    } else {
      last.Records.push(record);
      bytes += size;
    }
  }
  return events;
}
