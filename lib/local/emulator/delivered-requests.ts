import * as v from 'valibot';
import type { MockRequest } from './mock-destinations.ts';

/** Something that reached a destination on this machine. */
export interface DeliveredRequest {
  /** The mock destination's name, or the consumers' queue. */
  readonly destination: string;
  /** Whose record it is, when that can be seen. */
  readonly recordId: string | null;
  readonly body: string;
  readonly receivedAt: Date;
}

const RecordSchema = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string() }));

/** The record of a mock destination's request: by the header of Standard Webhooks, else by its body. */
export function fromMockRequest(request: MockRequest): DeliveredRequest {
  return {
    destination: request.destination,
    recordId: request.headers['webhook-id'] ?? parseRecordId(request.body),
    body: request.body,
    receivedAt: request.receivedAt,
  };
}

/** The record's id in a body that is a record; null in any other. */
export function parseRecordId(body: string): string | null {
  const record = v.safeParse(RecordSchema, body);
  return record.success ? record.output.id : null;
}
