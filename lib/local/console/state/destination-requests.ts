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
  const parsed = v.safeParse(EventSchema, event);
  const [first] = parsed.success ? parsed.output.Records : [];
  if (!parsed.success || first === undefined) return [];
  const queueName = first.eventSourceARN.split(':').at(-1) ?? '';
  const candidates = parsed.output.Records.flatMap(({ body }) => toCandidate(body) ?? []);
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

function toCandidate(body: string): Candidate | null {
  const delivery = v.safeParse(DeliverySchema, body);
  if (!delivery.success) return null;
  const { id, data } = delivery.output.record;
  const { customer, voucher } = data;
  const values = [
    voucher?.code,
    customer?.email,
    customer?.sourceId,
    customer?.id,
    customer?.phone,
  ];
  return {
    id,
    values: values.flatMap((value) => value || []),
  };
}

/** Returns the ids of the records that a text carries. */
function findCarried(content: string, candidates: readonly Candidate[]): readonly string[] {
  const byId = candidates.filter(({ id }) => content.includes(id));
  if (byId.length > 0) return byId.map(({ id }) => id);
  const decoded = decodeForm(content);
  const byValue = candidates.filter(({ values }) =>
    values.some((value) => content.includes(value) || decoded.includes(value)),
  );
  if (byValue.length > 0) return byValue.map(({ id }) => id);
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
