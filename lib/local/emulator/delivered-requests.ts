import * as v from 'valibot';
import type { MockRequest } from './mock-destinations.ts';

/** A request or a message that reached a destination on this machine. */
export interface DeliveredRequest {
  /** The name of the mock destination, or of the consumed queue. */
  readonly destination: string;
  /** The record's id; null when the request does not carry it in a known place. */
  readonly recordId: string | null;
  readonly body: string;
  readonly receivedAt: Date;
}

const RecordSchema = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string() }));

/** Converts a request of a mock destination. The record's id is the header `webhook-id` (Standard Webhooks), else the body's `id`. */
export function fromMockRequest(request: MockRequest): DeliveredRequest {
  return {
    destination: request.destination,
    recordId: request.headers['webhook-id'] ?? parseRecordId(request.body),
    body: request.body,
    receivedAt: request.receivedAt,
  };
}

/** Returns the `id` of a JSON body; null when the body has none. */
export function parseRecordId(body: string): string | null {
  const record = v.safeParse(RecordSchema, body);
  return record.success ? record.output.id : null;
}
