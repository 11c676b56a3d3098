import type { buildApp } from 'fauxqs';
import * as v from 'valibot';
import type { LimitError } from './rules.ts';
import { type RejectedEntry, checkRequest } from './check-request.ts';

type SqsServer = ReturnType<typeof buildApp>;

const MS_PER_SECOND = 1_000;

const TargetSchema = v.pipe(
  v.string(),
  v.startsWith('AmazonSQS.'),
  v.transform((target) => target.slice('AmazonSQS.'.length)),
);
const ReceiptHandlesSchema = v.union([
  v.pipe(
    v.object({ ReceiptHandle: v.string() }),
    v.transform((one) => [one.ReceiptHandle]),
  ),
  v.pipe(
    v.object({ Entries: v.array(v.object({ ReceiptHandle: v.string() })) }),
    v.transform((batch) => batch.Entries.map((entry) => entry.ReceiptHandle)),
  ),
]);
const BatchResponseSchema = v.looseObject({ Failed: v.array(v.unknown()) });
const ReceivedSchema = v.object({
  Messages: v.array(
    v.looseObject({
      ReceiptHandle: v.string(),
      MessageAttributes: v.optional(v.unknown()),
      MD5OfMessageAttributes: v.optional(v.unknown()),
    }),
  ),
});
const AttributeRequestSchema = v.object({
  MessageAttributeNames: v.pipe(v.array(v.string()), v.nonEmpty()),
});

/**
 * Enforces the limits of AWS that the SQS emulator does not: the hook responds to such a request itself,
 * with AWS's error code. It also removes message attributes that a receive did not request.
 * @param nowMs the clock, for the 12 hours that a message can stay in flight
 */
export function enforceSqsLimits(app: SqsServer, nowMs: () => number): void {
  const receivedAtMs = new Map<string, number>();
  const rejectedByRequest = new WeakMap<object, readonly RejectedEntry[]>();
  const inFlightSeconds = (handle: string): number =>
    (nowMs() - (receivedAtMs.get(handle) ?? nowMs())) / MS_PER_SECOND;

  app.addHook('preHandler', async (request, reply) => {
    const action = v.safeParse(TargetSchema, request.headers['x-amz-target']);
    if (!action.success) return;
    if (action.output === 'DeleteMessage' || action.output === 'DeleteMessageBatch') {
      const handles = v.safeParse(ReceiptHandlesSchema, request.body);
      if (handles.success) for (const handle of handles.output) receivedAtMs.delete(handle);
    }
    const check = checkRequest(action.output, request.body, inFlightSeconds);
    switch (check.kind) {
      case 'pass':
        return;
      case 'reject':
        await reply
          .code(400)
          .headers(buildErrorHeaders(check.error))
          .send(buildErrorBody(check.error));
        return;
      case 'partial':
        if (check.entries.length === 0) {
          await reply
            .header('content-type', 'application/x-amz-json-1.0')
            .send(JSON.stringify({ Successful: [], Failed: check.rejected }));
          return;
        }
        request.body = { ...v.parse(v.looseObject({}), request.body), Entries: check.entries };
        rejectedByRequest.set(request, check.rejected);
    }
  });

  app.addHook('preSerialization', async (request, _reply, payload) => {
    const rejected = rejectedByRequest.get(request);
    const response = v.safeParse(BatchResponseSchema, payload);
    if (rejected !== undefined && response.success) {
      return { ...response.output, Failed: [...response.output.Failed, ...rejected] };
    }
    const received = v.safeParse(ReceivedSchema, payload);
    if (!received.success) return payload;
    for (const message of received.output.Messages)
      receivedAtMs.set(message.ReceiptHandle, nowMs());
    if (v.is(AttributeRequestSchema, request.body)) return payload;
    return { Messages: received.output.Messages.map(omitAttributes) };
  });
}

function omitAttributes({
  MessageAttributes: _attributes,
  MD5OfMessageAttributes: _digest,
  ...message
}: v.InferOutput<typeof ReceivedSchema>['Messages'][number]): object {
  return message;
}

function buildErrorHeaders(error: LimitError): Record<string, string> {
  return {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-query-error': `${error.code};Sender`,
  };
}

function buildErrorBody(error: LimitError): string {
  return JSON.stringify({
    __type: `com.amazonaws.sqs#${error.code}`,
    message: error.message,
  });
}
