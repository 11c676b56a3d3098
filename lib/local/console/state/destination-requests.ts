import * as v from 'valibot';
import type { HandlerRequest } from '../../emulator/lambda/invocation.ts';
import { isAwsCall, parseAwsMessages } from './aws-messages.ts';
import { type HttpExchange, toAwsExchange, toHttpExchange } from './http-exchange.ts';

/** A request to a destination, for one of the records that it carries. */
export interface DestinationRequest {
  /** The name of the queue from which the invocation delivers. */
  readonly queueName: string;
  readonly recordId: string;
  readonly exchange: HttpExchange;
}

const text = v.fallback(v.optional(v.nullable(v.string())), null);
const DeliverySchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    record: v.object({
      id: v.string(),
      data: v.object({
        customer: v.fallback(
          v.nullish(v.object({ id: text, sourceId: text, email: text, phone: text })),
          null,
        ),
        voucher: v.fallback(v.nullish(v.object({ code: text })), null),
      }),
    }),
  }),
);
const EventSchema = v.object({
  Records: v.array(v.object({ eventSourceARN: v.string(), body: v.string() })),
});

interface Candidate {
  readonly id: string;
  /** Values by which a request without the id can be recognised. */
  readonly values: readonly string[];
}

/** What an invocation delivers: the name of its queue and the records of its batch. */
interface Batch {
  readonly queueName: string;
  readonly candidates: readonly Candidate[];
}

/** Up to so many records are looked for in all of a request; of more, only as words of it, in linear time. */
const MAX_SEARCHED = 50;
const WORD = /[\w.@+-]+/g;
/** An invocation makes many requests, and its event has thousands of records. */
const batches = new WeakMap<object, Batch | null>();

/**
 * Finds out which records a request of fanOut carries. An invocation reads the queue of one destination,
 * so the request is that destination's and carries records of the batch: those whose ids are in it, else
 * those whose code or customer is, else the only one. A batch may hold many records and the request few.
 * @param isOwnQueue whether a queue, by its name, is one of the pipeline's own: what is sent there is no request
 * to a destination
 */
export function toDestinationRequests(
  { event, request }: HandlerRequest,
  isOwnQueue: (name: string) => boolean,
): readonly DestinationRequest[] {
  const batch = toBatch(event);
  if (batch === null) return [];
  const { queueName, candidates } = batch;
  if (isAwsCall(request)) {
    return parseAwsMessages(request)
      .filter(({ target }) => !isOwnQueue(target))
      .flatMap((message) =>
        findCarried(
          `${message.body}\n${Object.values(message.attributes).join('\n')}`,
          candidates,
        ).map((recordId) => ({ queueName, recordId, exchange: toAwsExchange(request, message) })),
      );
  }
  const content = [request.path, ...Object.values(request.headers), request.body].join('\n');
  const carried = findCarried(content, candidates);
  const exchange = toHttpExchange(request, carried.length);
  return carried.map((recordId) => ({ queueName, recordId, exchange }));
}

/** Reads the batch of an invocation, once; null for one without records of a queue. */
function toBatch(event: unknown): Batch | null {
  if (typeof event !== 'object' || event === null) return null;
  const known = batches.get(event);
  if (known !== undefined) return known;
  const parsed = v.safeParse(EventSchema, event);
  const records = parsed.success ? parsed.output.Records : [];
  const queueName = records[0]?.eventSourceARN.split(':').at(-1);
  const batch =
    queueName === undefined
      ? null
      : { queueName, candidates: records.flatMap(({ body }) => toCandidate(body) ?? []) };
  batches.set(event, batch);
  return batch;
}

function toCandidate(body: string): Candidate | null {
  const delivery = v.safeParse(DeliverySchema, body);
  if (!delivery.success) return null;
  const { id, data } = delivery.output.record;
  const { customer, voucher } = data;
  const { email, sourceId, id: customerId, phone } = customer ?? {};
  const values = [voucher?.code, email, sourceId, customerId, phone];
  return { id, values: values.flatMap((value) => value || []) };
}

/** Returns the ids of the records that a text carries. */
function findCarried(content: string, candidates: readonly Candidate[]): readonly string[] {
  const isMany = candidates.length > MAX_SEARCHED;
  const words = new Set(isMany ? content.match(WORD) : []);
  const decoded = isMany ? '' : decodeForm(content);
  const isInside = (value: string): boolean =>
    isMany ? words.has(value) : content.includes(value) || decoded.includes(value);
  const byId = candidates.filter(({ id }) => isInside(id));
  const found = byId.length > 0 ? byId : candidates.filter(({ values }) => values.some(isInside));
  if (found.length > 0) return found.map(({ id }) => id);
  return candidates.length === 1 ? candidates.map(({ id }) => id) : [];
}

/** Decodes what `form()` and `encodeURIComponent` encode. */
function decodeForm(content: string): string {
  try {
    return decodeURIComponent(content.replaceAll('+', ' '));
  } catch {
    return content;
  }
}
