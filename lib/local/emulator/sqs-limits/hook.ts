import type { buildApp } from 'fauxqs';
import * as v from 'valibot';
import type { Refusal } from './rules.ts';
import { type RefusedEntry, verdictOn } from './check-request.ts';

type SqsServer = ReturnType<typeof buildApp>;

const MS_PER_SECOND = 1_000;

const TargetSchema = v.pipe(
  v.string(),
  v.startsWith('AmazonSQS.'),
  v.transform((target) => target.slice('AmazonSQS.'.length)),
);
const HandlesSchema = v.union([
  v.pipe(
    v.object({ ReceiptHandle: v.string() }),
    v.transform((one) => [one.ReceiptHandle]),
  ),
  v.pipe(
    v.object({ Entries: v.array(v.object({ ReceiptHandle: v.string() })) }),
    v.transform((batch) => batch.Entries.map((entry) => entry.ReceiptHandle)),
  ),
]);
const BatchAnswerSchema = v.looseObject({ Failed: v.array(v.unknown()) });
const ReceivedSchema = v.object({
  Messages: v.array(
    v.looseObject({
      ReceiptHandle: v.string(),
      MessageAttributes: v.optional(v.unknown()),
      MD5OfMessageAttributes: v.optional(v.unknown()),
    }),
  ),
});
const WishSchema = v.object({ MessageAttributeNames: v.pipe(v.array(v.string()), v.nonEmpty()) });

/**
 * Puts AWS's limits in front of the SQS emulator where the emulator is laxer, so that every client
 * meets them: it answers such a request itself, with AWS's error code. It also keeps back message
 * attributes that a receive did not ask for.
 * @param nowMs the time, by which a message's 12 hours are counted
 */
export function refuseWhatAwsRefuses(app: SqsServer, nowMs: () => number): void {
  const receivedAtMs = new Map<string, number>();
  const refusedOf = new WeakMap<object, readonly RefusedEntry[]>();
  const heldSeconds = (handle: string): number =>
    (nowMs() - (receivedAtMs.get(handle) ?? nowMs())) / MS_PER_SECOND;

  app.addHook('preHandler', async (request, reply) => {
    const action = v.safeParse(TargetSchema, request.headers['x-amz-target']);
    if (!action.success) return;
    if (action.output === 'DeleteMessage' || action.output === 'DeleteMessageBatch') {
      const handles = v.safeParse(HandlesSchema, request.body);
      if (handles.success) for (const handle of handles.output) receivedAtMs.delete(handle);
    }
    const verdict = verdictOn(action.output, request.body, heldSeconds);
    switch (verdict.kind) {
      case 'pass':
        return;
      case 'refuse':
        await reply
          .code(400)
          .headers(errorHeaders(verdict.refusal))
          .send(errorBody(verdict.refusal));
        return;
      case 'take_some':
        if (verdict.entries.length === 0) {
          await reply
            .header('content-type', 'application/x-amz-json-1.0')
            .send(JSON.stringify({ Successful: [], Failed: verdict.refused }));
          return;
        }
        request.body = { ...v.parse(v.looseObject({}), request.body), Entries: verdict.entries };
        refusedOf.set(request, verdict.refused);
    }
  });

  app.addHook('preSerialization', async (request, _reply, payload) => {
    const refused = refusedOf.get(request);
    const answer = v.safeParse(BatchAnswerSchema, payload);
    if (refused !== undefined && answer.success) {
      return { ...answer.output, Failed: [...answer.output.Failed, ...refused] };
    }
    const received = v.safeParse(ReceivedSchema, payload);
    if (!received.success) return payload;
    for (const message of received.output.Messages)
      receivedAtMs.set(message.ReceiptHandle, nowMs());
    if (v.is(WishSchema, request.body)) return payload;
    return { Messages: received.output.Messages.map(withoutAttributes) };
  });
}

function withoutAttributes({
  MessageAttributes: _attributes,
  MD5OfMessageAttributes: _digest,
  ...message
}: v.InferOutput<typeof ReceivedSchema>['Messages'][number]): object {
  return message;
}

function errorHeaders(refusal: Refusal): Record<string, string> {
  return {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-query-error': `${refusal.code};Sender`,
  };
}

function errorBody(refusal: Refusal): string {
  return JSON.stringify({
    __type: `com.amazonaws.sqs#${refusal.code}`,
    message: refusal.message,
  });
}
