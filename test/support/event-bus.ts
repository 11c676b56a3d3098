import * as v from 'valibot';
import { type Behaviour, startReceiver } from './http-receiver.ts';

/** The limits of PutEvents, from its API reference and the model of the service. */
const PutEventsSchema = v.strictObject({
  Entries: v.pipe(
    v.array(
      v.strictObject({
        Time: v.exactOptional(v.number()),
        Source: v.pipe(v.string(), v.nonEmpty(), v.regex(/^(?!aws\.)/)),
        Resources: v.exactOptional(v.array(v.string())),
        DetailType: v.pipe(v.string(), v.nonEmpty(), v.maxLength(128)),
        Detail: v.pipe(v.string(), v.parseJson(), v.looseObject({})),
        EventBusName: v.pipe(
          v.string(),
          v.maxLength(1_600),
          v.regex(
            /^(arn:aws[\w-]*:events:[a-z]{2}-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/.\-_A-Za-z0-9]+$/,
          ),
        ),
        TraceHeader: v.exactOptional(v.pipe(v.string(), v.maxLength(500))),
      }),
    ),
    v.minLength(1),
    v.maxLength(10),
  ),
});
export type PutEvents = v.InferOutput<typeof PutEventsSchema>;

/** The result of the n-th call: an error code for each entry, or null; or an error for the whole call. */
export type BusResult =
  | { readonly entries: readonly (string | null)[] }
  | { readonly status: number; readonly code: string };

/**
 * Starts a mock of EventBridge's PutEvents. It rejects a call that the service would reject, and stores the
 * entries of the others.
 */
export async function startEventBus(results: readonly BusResult[] = []) {
  const calls: PutEvents[] = [];
  const behave: Behaviour = (request, response, n) => {
    const respond = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    };
    const isPutEvents =
      request.headers['x-amz-target'] === 'AWSEvents.PutEvents' &&
      request.headers['authorization']?.startsWith('AWS4-HMAC-SHA256 ') === true;
    const call = v.safeParse(v.pipe(v.string(), v.parseJson(), PutEventsSchema), request.body);
    const result = results[n];
    if (!isPutEvents || !call.success) {
      respond(400, { __type: 'ValidationException' });
    } else if (result === undefined || 'entries' in result) {
      const { Entries } = call.output;
      const codes = Entries.map((_, index) => result?.entries[index] ?? null);
      const stored = Entries.filter((_, index) => codes[index] === null);
      if (stored.length > 0) calls.push({ Entries: stored });
      respond(200, {
        FailedEntryCount: Entries.length - stored.length,
        Entries: codes.map((code) =>
          code === null ? { EventId: 'e' } : { ErrorCode: code, ErrorMessage: 'no' },
        ),
      });
    } else {
      respond(result.status, { __type: result.code });
    }
  };
  const { url, received, stop } = await startReceiver(behave);
  return { endpoint: new URL(url).origin, calls, received, stop };
}
