import type { buildApp } from 'fauxqs';
import * as v from 'valibot';

// The only file that relies on private parts of fauxqs 2.4.1. Everything it imports by path is checked
// when it is loaded, so an update of fauxqs that changes them fails at the start, with the name of the part.

type FauxqsApp = ReturnType<typeof buildApp>;
type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type Constructor<Kind extends keyof Stores> = new () => Stores[Kind];

/** A message in flight: it was received, and cannot be received again before its visibility timeout ends. */
export interface InFlightMessage {
  readonly messageId: string;
  readonly body: string;
  readonly visibleAtMs: number;
}

/** A message that a queue has accepted. */
export interface SentMessage {
  /** The queue's name at SQS. */
  readonly queueName: string;
  readonly body: string;
  readonly sentAt: Date;
}

const isClass = (value: unknown): boolean => typeof value === 'function';
const StoreModulesSchema = v.object({
  SqsStore: v.custom<Constructor<'sqsStore'>>(isClass),
  SnsStore: v.custom<Constructor<'snsStore'>>(isClass),
  S3Store: v.custom<Constructor<'s3Store'>>(isClass),
});
const STORE_MODULES = ['./sqs/sqsStore.js', './sns/snsStore.js', './s3/s3Store.js'];

type CreateMessage = (
  body: string,
  attributes: object | undefined,
  delaySeconds: number | undefined,
  group: string | undefined,
  ...others: unknown[]
) => unknown;
const SqsStoreSchema = v.object({
  SqsStore: v.custom<{ createMessage: CreateMessage }>(
    (value) => typeof value === 'function' && 'createMessage' in value,
  ),
});
const SqsTypesSchema = v.object({ INVALID_MESSAGE_BODY_CHAR: v.instance(RegExp) });
/** Matches a character that SQS rejects in a message body (API reference of SendMessage). */
const SQS_FORBIDDEN_CHARACTERS = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

const QueueNameSchema = v.pipe(
  v.string(),
  v.transform((url) => url.split('/').at(-1) ?? ''),
);
const SendSchema = v.object({ QueueUrl: QueueNameSchema, MessageBody: v.string() });
const BatchSchema = v.object({
  QueueUrl: QueueNameSchema,
  Entries: v.array(v.object({ Id: v.string(), MessageBody: v.string() })),
});
const GroupedSchema = v.looseObject({
  MessageGroupId: v.optional(v.string()),
  MessageAttributes: v.optional(v.record(v.string(), v.unknown()), {}),
});
const GroupedBatchSchema = v.looseObject({ Entries: v.array(GroupedSchema) });
const AcceptedSchema = v.object({ Successful: v.array(v.object({ Id: v.string() })) });

/** Creates the stores that fauxqs keeps its messages in, for `buildApp`, so that we can reach its messages. */
export async function createStores(): Promise<Stores> {
  const loaded = await Promise.all(STORE_MODULES.map(importModule));
  const { SqsStore, SnsStore, S3Store } = v.parse(StoreModulesSchema, Object.assign({}, ...loaded));
  return { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
}

/** Lists the messages of a queue that are in flight. @param queueName a queue that does not exist has none */
export function listInFlightMessages(stores: Stores, queueName: string): InFlightMessage[] {
  const entries = stores.sqsStore.getQueueByName(queueName)?.inflightMessages.values() ?? [];
  return [...entries].map(({ message: { messageId, body }, visibilityDeadline }) => ({
    messageId,
    body,
    visibleAtMs: visibilityDeadline,
  }));
}

/** A message of a queue, whether or not it can be received now. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly sentAtMs: number;
}

/** Lists all messages of a queue. @param queueName a queue that does not exist has none */
export function listQueuedMessages(stores: Stores, queueName: string): QueuedMessage[] {
  const queue = stores.sqsStore.getQueueByName(queueName);
  if (queue === undefined) return [];
  const inFlight = [...queue.inflightMessages.values()].map(({ message }) => message);
  return [...queue.messages, ...queue.delayedMessages, ...inFlight].map(
    ({ messageId, sentTimestamp }) => ({ messageId, sentAtMs: sentTimestamp }),
  );
}

/**
 * Changes when a message in flight becomes visible. AWS allows that only to the holder of its receipt
 * handle.
 * @param message as it was listed: one that was received or hidden again since then stays as it is
 */
export function setVisibleAt(
  stores: Stores,
  queueName: string,
  message: InFlightMessage,
  visibleAtMs: number,
): void {
  for (const entry of stores.sqsStore.getQueueByName(queueName)?.inflightMessages.values() ?? []) {
    const isSame =
      entry.message.messageId === message.messageId &&
      entry.visibilityDeadline === message.visibleAtMs;
    if (isSame) entry.visibilityDeadline = visibleAtMs;
  }
}

/**
 * Makes fauxqs accept characters above U+FFFF, as AWS does: fauxqs 2.4.1 checks UTF-16 code units and
 * rejects every emoji. The check is replaced in the loaded module; a second call changes nothing.
 */
export async function allowAstralCharacters(): Promise<void> {
  const types = v.parse(SqsTypesSchema, await importModule('./sqs/sqsTypes.js'));
  types.INVALID_MESSAGE_BODY_CHAR.test = (text) => SQS_FORBIDDEN_CHARACTERS.test(text);
}

/**
 * Lets messages of standard queues keep their MessageGroupId, as in AWS, where it makes a queue fair;
 * fauxqs 2.4.1 drops it. The order of a fair queue is not emulated. The method that creates messages gets
 * no group, so it is found by the message's attributes: each message gets an object of its own for them.
 */
export async function keepGroupIds(app: FauxqsApp): Promise<void> {
  const { SqsStore } = v.parse(SqsStoreSchema, await importModule('./sqs/sqsStore.js'));
  const groups = new WeakMap<object, string>();
  const createMessage = SqsStore.createMessage.bind(SqsStore);
  SqsStore.createMessage = (body, attributes, delaySeconds, group, ...others) => {
    const ownGroup = attributes === undefined ? undefined : groups.get(attributes);
    return createMessage(body, attributes, delaySeconds, group ?? ownGroup, ...others);
  };
  const withOwnAttributes = (message: v.InferOutput<typeof GroupedSchema>): object => {
    const { MessageGroupId, MessageAttributes } = message;
    if (MessageGroupId !== undefined) groups.set(MessageAttributes, MessageGroupId);
    return message;
  };
  app.addHook('preHandler', async (request) => {
    const action = request.headers['x-amz-target'];
    if (action === 'AmazonSQS.SendMessage' && v.is(GroupedSchema, request.body)) {
      request.body = withOwnAttributes(v.parse(GroupedSchema, request.body));
    }
    if (action === 'AmazonSQS.SendMessageBatch' && v.is(GroupedBatchSchema, request.body)) {
      const { Entries, ...others } = v.parse(GroupedBatchSchema, request.body);
      request.body = { ...others, Entries: Entries.map(withOwnAttributes) };
    }
  });
}

/** Calls `onMessageSent` for every message that a client of SQS has sent and the emulator accepted. */
export function observeSentMessages(
  app: FauxqsApp,
  onMessageSent: (message: SentMessage) => void,
): void {
  app.addHook('preSerialization', async (request, reply, payload) => {
    const action = request.headers['x-amz-target'];
    if (reply.statusCode !== 200) return payload;
    if (action === 'AmazonSQS.SendMessage') {
      const { QueueUrl, MessageBody } = v.parse(SendSchema, request.body);
      onMessageSent({ queueName: QueueUrl, body: MessageBody, sentAt: new Date() });
    }
    if (action === 'AmazonSQS.SendMessageBatch') {
      const { QueueUrl, Entries } = v.parse(BatchSchema, request.body);
      const acceptedIds = new Set(v.parse(AcceptedSchema, payload).Successful.map(({ Id }) => Id));
      for (const { Id, MessageBody } of Entries) {
        if (acceptedIds.has(Id))
          onMessageSent({ queueName: QueueUrl, body: MessageBody, sentAt: new Date() });
      }
    }
    return payload;
  });
}

/** Imports a module of fauxqs by its path beside the package's entry; the package does not export it. */
function importModule(path: string): Promise<unknown> {
  return import(new URL(path, import.meta.resolve('fauxqs')).href);
}
