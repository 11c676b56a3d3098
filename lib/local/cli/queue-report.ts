import type { MockRequest } from '../emulator/mock-destinations.ts';

/** What is on one queue. */
export interface QueueReport {
  readonly name: string;
  readonly bodies: readonly string[];
}

/**
 * Says what a call left behind: the messages of every queue that has some and the requests that mock destinations
 * got, with JSON written out for reading.
 */
export function formatQueueReport(
  queues: readonly QueueReport[],
  requests: readonly MockRequest[],
): string {
  const parts = [
    ...queues.filter(({ bodies }) => bodies.length > 0).map(formatQueue),
    ...requests.map(formatRequest),
  ];
  return parts.length === 0 ? 'Nothing is on any queue.' : parts.join('\n\n');
}

function formatQueue({ name, bodies }: QueueReport): string {
  return [`On the queue ${name}: ${bodies.length}`, ...bodies.map(formatBody)].join('\n');
}

function formatRequest({ destination, method, headers, body }: MockRequest): string {
  const headerLines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [
    `At the mock destination ${destination}: ${method}`,
    ...headerLines,
    formatBody(body),
  ].join('\n');
}

function formatBody(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
