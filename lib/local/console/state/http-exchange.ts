import type { MockExchange } from '../../emulator/mock-destinations.ts';
import { MAX_STORED_CHARACTERS } from './received-webhook.ts';

/** The request of one attempt and its response, as text. Long bodies are truncated. */
export interface HttpExchange {
  /** The request line and the headers. */
  readonly head: string;
  readonly body: string;
  /** How many characters of the body are not stored. */
  readonly truncatedCharacters: number;
  /** Null when the destination is a queue. */
  readonly response: { readonly head: string; readonly ms: number } | null;
}

/** Formats a mock destination's request and response as they were sent. */
export function toHttpExchange({ request, status, headers, ms }: MockExchange): HttpExchange {
  const head = [
    `${request.method} /mock/${request.destination}`,
    ...formatHeaders(request.headers),
  ];
  const response = status === null ? ['no response'] : [String(status), ...formatHeaders(headers)];
  return {
    head: head.join('\n'),
    ...truncateBody(request.body),
    response: { head: response.join('\n'), ms },
  };
}

/** Formats a message that was sent to a destination's queue. */
export function toQueueExchange(queueName: string, body: string): HttpExchange {
  return {
    head: `SendMessage to ${queueName}`,
    ...truncateBody(body),
    response: null,
  };
}

function truncateBody(body: string): Pick<HttpExchange, 'body' | 'truncatedCharacters'> {
  return {
    body: body.slice(0, MAX_STORED_CHARACTERS),
    truncatedCharacters: Math.max(0, body.length - MAX_STORED_CHARACTERS),
  };
}

function formatHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}
