import type { MadeRequest } from '../../emulator/lambda/request-capture.ts';
import type { AwsMessage } from './aws-messages.ts';
import { MAX_STORED_CHARACTERS } from './received-webhook.ts';

/** The request of one attempt and its response, as text. Long bodies are truncated. */
export interface HttpExchange {
  /** The request line and the headers. */
  readonly head: string;
  readonly body: string;
  /** How many characters of the body are not stored. */
  readonly truncatedCharacters: number;
  /** How many records the body carries; those of others are none of this webhook's. */
  readonly recordCount: number;
  readonly response: ExchangeResponse;
}

/** The response of a destination. */
interface ExchangeResponse {
  readonly head: string;
  readonly body: string;
  readonly ms: number;
}

/** Formats an HTTP request and its response as they were sent. @param recordCount how many records it carries */
export function toHttpExchange(request: MadeRequest, recordCount: number): HttpExchange {
  const { method, path, headers, body } = request;
  return {
    head: [`${method} ${path}`, ...formatHeaders(headers)].join('\n'),
    ...truncateBody(body),
    recordCount,
    response: toResponse(request),
  };
}

/** Formats one message of a call of an AWS service, and the response to the call. */
export function toAwsExchange(request: MadeRequest, message: AwsMessage): HttpExchange {
  const { operation, target, place, count, attributes, body } = message;
  const entry = count > 1 ? `, message ${place} of ${count}` : '';
  return {
    head: [`${operation} to ${target}${entry}`, ...formatHeaders(attributes)].join('\n'),
    ...truncateBody(body),
    recordCount: 1,
    response: toResponse(request),
  };
}

function toResponse({ status, responseHeaders, responseBody, ms }: MadeRequest): ExchangeResponse {
  const head =
    status === null ? ['no response'] : [String(status), ...formatHeaders(responseHeaders)];
  return { head: head.join('\n'), body: responseBody, ms };
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
