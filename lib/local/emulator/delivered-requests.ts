import * as v from 'valibot';
import type { SinkRequest } from './mock-destinations.ts';

/** Something that reached a destination on this machine. */
export interface Arrival {
  /** The sink's name, or the consumers' queue. */
  readonly destination: string;
  /** Whose record it is, when that can be seen. */
  readonly recordId: string | null;
  readonly body: string;
  readonly receivedAt: Date;
}

const RecordSchema = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string() }));

/** The record of a sink's request: by the header of Standard Webhooks, else by its body. */
export function sinkArrival(request: SinkRequest): Arrival {
  return {
    destination: request.sink,
    recordId: request.headers['webhook-id'] ?? recordIdOf(request.body),
    body: request.body,
    receivedAt: request.receivedAt,
  };
}

/** The record's id in a body that is a record; null in any other. */
export function recordIdOf(body: string): string | null {
  const record = v.safeParse(RecordSchema, body);
  return record.success ? record.output.id : null;
}
