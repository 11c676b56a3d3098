import * as v from 'valibot';
import type { MadeRequest } from '../../emulator/lambda/request-capture.ts';

/** One message or event in a call of SQS, SNS or EventBridge. */
export interface AwsMessage {
  /** For example `SendMessageBatch`. */
  readonly operation: string;
  /** The name of the queue, topic or bus. */
  readonly target: string;
  /** Its place in the call, from 1, and how many there are. */
  readonly place: number;
  readonly count: number;
  /** What is sent beside the body, by its name at AWS. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly body: string;
}

const JsonSchema = v.pipe(v.string(), v.parseJson());
const text = v.optional(v.string());
const Attributes = v.optional(v.record(v.string(), v.object({ StringValue: text })), {});
const SqsEntrySchema = v.object({
  MessageBody: v.string(),
  MessageGroupId: text,
  MessageDeduplicationId: text,
  MessageAttributes: Attributes,
});
const SqsSchema = v.object({
  QueueUrl: v.string(),
  Entries: v.optional(v.array(SqsEntrySchema)),
});
const EventsSchema = v.object({
  Entries: v.array(
    v.object({ EventBusName: text, Source: text, DetailType: text, Detail: v.string() }),
  ),
});
const SQS_TARGET = /^AmazonSQS\.(SendMessage(?:Batch)?)$/;
const PUBLISH = /^Publish(?:Batch)?$/;
const EVENTS_TARGET = /^AWSEvents\.(PutEvents)$/;
/** SNS takes forms: `PublishBatchRequestEntries.member.2.Message`, and no prefix for a single message. */
const SNS_ENTRY =
  /^(?:PublishBatchRequestEntries\.member\.(\d+)\.)?(Message|MessageGroupId|MessageDeduplicationId)$/;
const SNS_ATTRIBUTE =
  /^(?:PublishBatchRequestEntries\.member\.(\d+)\.)?MessageAttributes\.entry\.(\d+)\.(Name|Value\.StringValue)$/;

/**
 * Reads the messages that a call of SQS, SNS or EventBridge sends, single ones and batches alike; none of
 * any other request.
 */
export function parseAwsMessages({ headers, body }: MadeRequest): readonly AwsMessage[] {
  const target = headers['x-amz-target'] ?? '';
  const sqs = SQS_TARGET.exec(target)?.[1];
  if (sqs !== undefined) return parseSqs(sqs, body);
  const events = EVENTS_TARGET.exec(target)?.[1];
  if (events !== undefined) return parseEvents(events, body);
  return isForm(headers) ? parseSns(new URLSearchParams(body)) : [];
}

/** Whether a request is a call of an AWS service. */
export function isAwsCall({ headers }: Pick<MadeRequest, 'headers'>): boolean {
  return (headers['authorization'] ?? '').startsWith('AWS4-HMAC-SHA256 ');
}

function isForm(headers: MadeRequest['headers']): boolean {
  return (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
}

function parseSqs(operation: string, body: string): readonly AwsMessage[] {
  const call = v.safeParse(v.pipe(JsonSchema, SqsSchema), body);
  if (!call.success) return [];
  const single = v.safeParse(v.pipe(JsonSchema, SqsEntrySchema), body);
  const entries = call.output.Entries ?? (single.success ? [single.output] : []);
  return entries.map(({ MessageBody, MessageAttributes, ...ids }, index) => ({
    operation,
    target: toName(call.output.QueueUrl),
    place: index + 1,
    count: entries.length,
    attributes: keepTexts({
      ...ids,
      ...Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, value]) => [name, value.StringValue]),
      ),
    }),
    body: MessageBody,
  }));
}

function parseEvents(operation: string, body: string): readonly AwsMessage[] {
  const call = v.safeParse(v.pipe(JsonSchema, EventsSchema), body);
  const entries = call.success ? call.output.Entries : [];
  return entries.map(({ EventBusName = '', Source, DetailType, Detail }, index) => ({
    operation,
    target: toName(EventBusName),
    place: index + 1,
    count: entries.length,
    attributes: keepTexts({ Source, DetailType }),
    body: Detail,
  }));
}

function parseSns(form: URLSearchParams): readonly AwsMessage[] {
  const operation = form.get('Action') ?? '';
  if (!PUBLISH.test(operation)) return [];
  const entries = new Map<string, Record<string, string>>();
  const attributeNames = new Map<string, string>();
  const entryAt = (place: string | undefined): Record<string, string> => {
    const entry = entries.get(place ?? '1') ?? {};
    entries.set(place ?? '1', entry);
    return entry;
  };
  for (const [key, value] of form) {
    const [, place, name] = SNS_ENTRY.exec(key) ?? [];
    if (name !== undefined) entryAt(place)[name] = value;
    const [, of, number, part] = SNS_ATTRIBUTE.exec(key) ?? [];
    if (number === undefined) continue;
    const path = `${of ?? '1'} ${number}`;
    if (part === 'Name') attributeNames.set(path, value);
    else entryAt(of)[attributeNames.get(path) ?? 'attribute'] = value;
  }
  return [...entries.values()].map(({ Message = '', ...attributes }, index) => ({
    operation,
    target: toName(form.get('TopicArn') ?? ''),
    place: index + 1,
    count: entries.size,
    attributes,
    body: Message,
  }));
}

function keepTexts(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The last part of a URL or an ARN. */
function toName(address: string): string {
  return address.split(/[/:]/).at(-1) ?? '';
}
