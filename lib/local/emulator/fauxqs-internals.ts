import type { buildApp } from 'fauxqs';
import * as v from 'valibot';

/** A message that a queue has taken. */
export interface SentMessage {
  /** The queue's name at SQS. */
  readonly queueName: string;
  readonly body: string;
  readonly sentAt: Date;
}

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

/** Tells of every message that the emulator has taken from a client of SQS. */
export function observeSentMessages(
  app: ReturnType<typeof buildApp>,
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
