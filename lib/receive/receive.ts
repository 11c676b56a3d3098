import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { errorName } from '../error-name.ts';
import { fitsInMessage, serializeMessage } from '../platform/sqs-message.ts';
import { type AuthenticateDeps, authenticate } from './authenticate.ts';
import { type HttpResponse, toHttpResponse } from './response.ts';
import { toWebhookRequest, type WebhookRequest } from './webhook-request.ts';
import { toLogEntry, type ReceiveResult } from './receive-result.ts';
import {
  encodeCompressedBody,
  pickStoredHeaders,
  encodeBody,
  type QuarantineMessage,
} from './quarantine-message.ts';
import {
  type InvalidWebhook,
  internalErrorIssue,
  type NormaliseOptions,
  parseWebhook,
  type ParseResult,
} from './parse-webhook.ts';

/** What receive needs from outside. */
export interface ReceiveDeps extends AuthenticateDeps {
  /** Puts a message on [records]; resolves when it is safe there. */
  readonly enqueueRecord: (message: string) => Promise<void>;
  /** Puts a message on [quarantine]; resolves when it is safe there. */
  readonly enqueueQuarantine: (message: string) => Promise<void>;
  readonly normalise: NormaliseOptions;
  readonly now: () => Date;
}

/**
 * The handler of one webhook: decode, verify, understand, store, answer.
 * It never throws: every fault has an answer, and nothing is acknowledged that was not stored.
 */
export function createReceive(
  deps: ReceiveDeps,
): (event: APIGatewayProxyEventV2) => Promise<HttpResponse> {
  return async (event) => {
    const startedAt = deps.now();
    const result = await processWebhook(deps, event, startedAt).catch(toErrorResult);
    const response = toHttpResponse(result);
    const ms = deps.now().getTime() - startedAt.getTime();
    const requestId = event.requestContext?.requestId;
    deps.telemetry.webhookReceived({ ...toLogEntry(result, response.statusCode, ms), requestId });
    return response;
  };
}

async function processWebhook(
  deps: ReceiveDeps,
  event: APIGatewayProxyEventV2,
  startedAt: Date,
): Promise<ReceiveResult> {
  const webhook = toWebhookRequest(event);
  const rejection = await authenticate(deps, webhook);
  if (rejection !== null) return rejection;

  const receivedAt = startedAt.toISOString();
  const parsed = parseWebhook(webhook.body, webhook.mappingName, receivedAt, deps.normalise);
  try {
    return await enqueue(deps, webhook, receivedAt, parsed);
  } catch (error) {
    // genuine, so the same bytes would fail on every retry and pause the distribution
    const id = parsed.ok ? parsed.record.id : parsed.id;
    return quarantine(deps, webhook, receivedAt, {
      id,
      form: null,
      event: null,
      issues: [internalErrorIssue(error)],
    });
  }
}

async function enqueue(
  deps: ReceiveDeps,
  webhook: WebhookRequest,
  receivedAt: string,
  parsed: ParseResult,
): Promise<ReceiveResult> {
  if (!parsed.ok) return quarantine(deps, webhook, receivedAt, parsed);
  const { record } = parsed;
  const message = serializeMessage(record);
  if (fitsInMessage(message)) {
    return sendOrUnavailable(deps.enqueueRecord(message), { kind: 'queued', record });
  }
  return quarantine(deps, webhook, receivedAt, {
    id: record.id,
    form: null,
    event: record.type,
    issues: [{ path: '', message: 'The record is larger than a queue message can be' }],
  });
}

async function quarantine(
  deps: ReceiveDeps,
  webhook: WebhookRequest,
  receivedAt: string,
  { id, form, event, issues }: InvalidWebhook,
): Promise<ReceiveResult> {
  const toMessage = (body: QuarantineMessage['body']): string => {
    const headers = pickStoredHeaders(webhook.headers);
    const mapping = webhook.mappingName;
    return serializeMessage({ receivedAt, id, form, event, mapping, issues, headers, body });
  };
  const plain = toMessage(encodeBody(webhook.body));
  const message = fitsInMessage(plain) ? plain : toMessage(encodeCompressedBody(webhook.body));
  if (!fitsInMessage(message)) return { kind: 'too_large' };
  return sendOrUnavailable(deps.enqueueQuarantine(message), {
    kind: 'quarantined',
    id,
    event,
    issues,
  });
}

/** Only what the queue has taken may be acknowledged. */
async function sendOrUnavailable(
  pendingSend: Promise<void>,
  result: ReceiveResult,
): Promise<ReceiveResult> {
  try {
    await pendingSend;
    return result;
  } catch {
    return { kind: 'unavailable', reason: 'queue' };
  }
}

function toErrorResult(error: unknown): ReceiveResult {
  return { kind: 'error', reason: errorName(error) };
}
