import type { SinkRequest } from '../emulator/mock-destinations.ts';

/** What is on one queue. */
export interface LandedQueue {
  readonly name: string;
  readonly bodies: readonly string[];
}

/**
 * Says what a call left behind: the messages of every queue that has some and the requests that sinks
 * got, with JSON written out for reading.
 */
export function landedText(
  queues: readonly LandedQueue[],
  requests: readonly SinkRequest[],
): string {
  const parts = [
    ...queues.filter(({ bodies }) => bodies.length > 0).map(queueText),
    ...requests.map(requestText),
  ];
  return parts.length === 0 ? 'Nothing is on any queue.' : parts.join('\n\n');
}

function queueText({ name, bodies }: LandedQueue): string {
  return [`On the queue ${name}: ${bodies.length}`, ...bodies.map(readable)].join('\n');
}

function requestText({ sink, method, headers, body }: SinkRequest): string {
  const headerLines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`At the sink ${sink}: ${method}`, ...headerLines, readable(body)].join('\n');
}

function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
