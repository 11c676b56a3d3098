import { escapeLine, escapeText } from './escape-controls.ts';
import type { MockRequest } from '../emulator/mock-destinations.ts';

/** The messages on one queue. */
export interface QueueReport {
  readonly name: string;
  readonly bodies: readonly string[];
}

/**
 * Formats what an invocation left: the messages on each queue that is not empty, and the requests of mock
 * destinations. JSON is indented; control characters are escaped, because the terminal gets the text as it is.
 */
export function formatQueueReport(
  queues: readonly QueueReport[],
  requests: readonly MockRequest[],
): string {
  const parts = [
    ...queues.filter(({ bodies }) => bodies.length > 0).map(formatQueue),
    ...requests.map(formatRequest),
  ];
  return parts.length === 0 ? 'All queues are empty.' : parts.join('\n\n');
}

function formatQueue({ name, bodies }: QueueReport): string {
  return [`Messages on the queue ${name}: ${bodies.length}`, ...bodies.map(formatBody)].join('\n');
}

function formatRequest({ destination, method, headers, body }: MockRequest): string {
  const headerLines = Object.entries(headers).map(([name, value]) =>
    escapeLine(`${name}: ${value}`),
  );
  return [
    `Request at the mock destination ${destination}: ${method}`,
    ...headerLines,
    formatBody(body),
  ].join('\n');
}

function formatBody(text: string): string {
  try {
    return escapeText(JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return escapeText(text);
  }
}
