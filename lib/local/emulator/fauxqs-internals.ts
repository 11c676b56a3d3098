import { createHash } from 'node:crypto';
import type { buildApp } from 'fauxqs';
import * as v from 'valibot';

// The only file that relies on private parts of fauxqs 2.4.1. Everything it imports by path is checked
// when it is loaded, so an update of fauxqs that changes them fails at the start, with the name of the part.

type FauxqsApp = ReturnType<typeof buildApp>;
type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type Constructor<Kind extends keyof Stores> = new () => Stores[Kind];

/** A message that has been sent with a delay and cannot be received yet. */
export interface DelayedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly visibleAtMs: number;
}

/** Returns the new body and time of a delayed message; null to leave the message unchanged. */
export type EditMessage = (
  message: DelayedMessage,
) => Pick<DelayedMessage, 'body' | 'visibleAtMs'> | null;

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
const AcceptedSchema = v.object({ Successful: v.array(v.object({ Id: v.string() })) });

/** Creates the stores that fauxqs keeps its messages in, for `buildApp`, so that we can edit messages. */
export async function createStores(): Promise<Stores> {
  const loaded = await Promise.all(STORE_MODULES.map(importModule));
  const { SqsStore, SnsStore, S3Store } = v.parse(StoreModulesSchema, Object.assign({}, ...loaded));
  return { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
}

/**
 * Edits the delayed messages of a queue in place; AWS has no such call.
 * @param queueName a queue that does not exist has no messages
 */
export function editDelayedMessages(stores: Stores, queueName: string, edit: EditMessage): void {
  for (const message of stores.sqsStore.getQueueByName(queueName)?.delayedMessages ?? []) {
    const { messageId, body, delayUntil = 0 } = message;
    const edited = edit({ messageId, body, visibleAtMs: delayUntil });
    if (edited === null) continue;
    message.body = edited.body;
    message.md5OfBody = createHash('md5').update(edited.body).digest('hex');
    message.delayUntil = edited.visibleAtMs;
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
