import * as v from 'valibot';
import { errorName } from '../error-name.ts';
import { fitsInMessage, serializeMessage } from '../platform/sqs-message.ts';
import type { SendToGroup } from '../platform/sqs.ts';
import { toGroupId } from '../record/group-id.ts';
import { authenticate, type AuthenticateDeps } from './authenticate.ts';
import {
  type InvalidWebhook,
  internalErrorIssue,
  parseWebhook,
  timesOnArrival,
  type WebhookOptions,
} from './parse-webhook.ts';
import { toQuarantineMessage } from './quarantine-message.ts';
import { type ReceiveResult, toWebhookLog } from './receive-result.ts';
import { type HttpResponse, toHttpResponse } from './response.ts';
import { toWebhookRequest, type WebhookRequest } from './webhook-request.ts';

/** The dependencies of `createReceive`. */
export interface ReceiveDeps extends AuthenticateDeps {
  /** Puts a message on [records]; resolves when SQS has stored it. */
  readonly enqueueRecord: SendToGroup;
  /** Puts a message on [quarantine]; resolves when SQS has stored it. */
  readonly enqueueQuarantine: (message: string) => Promise<void>;
  readonly normalise: WebhookOptions;
  readonly now: () => Date;
}

/**
 * Creates the handler of one webhook: authenticate, parse, enqueue, respond. It never throws, whatever
 * event it gets: every error has a response, and nothing is acknowledged that was not stored.
 */
export function createReceive(deps: ReceiveDeps): (event: unknown) => Promise<HttpResponse> {
  return async (event) => {
    const startedAt = deps.now();
    const result = await processWebhook(deps, event, startedAt).catch(toErrorResult);
    const response = toHttpResponse(result);
    const ms = deps.now().getTime() - startedAt.getTime();
    const requestId = readRequestId(event);
    deps.telemetry.webhookReceived({ ...toWebhookLog(result, response.statusCode, ms), requestId });
    return response;
  };
}

const RequestIdSchema = v.object({ requestContext: v.object({ requestId: v.string() }) });

/** The gateway's id of the request; events of other fronts have one, too. */
function readRequestId(event: unknown): string | undefined {
  const parsed = v.safeParse(RequestIdSchema, event);
  return parsed.success ? parsed.output.requestContext.requestId : undefined;
}

async function processWebhook(
  deps: ReceiveDeps,
  event: unknown,
  startedAt: Date,
): Promise<ReceiveResult> {
  const webhook = toWebhookRequest(event);
  if (webhook === null) return { kind: 'rejected', reason: 'unsupported_front' };
  const rejection = await authenticate(deps, webhook);
  if (rejection !== null) return rejection;

  const receivedAt = startedAt.toISOString();
  const times = timesOnArrival(receivedAt, deps.normalise.maxWebhookAgeDays);
  const parsed = parseWebhook(webhook.body, webhook.mappingName, times, deps.normalise);
  if (!parsed.ok) return quarantine(deps, webhook, receivedAt, parsed);
  const { record } = parsed;
  const invalid = { id: record.id, format: null, event: record.type };
  let message: string;
  try {
    message = serializeMessage(record);
  } catch (error) {
    // genuine, so the same bytes would fail on every retry and pause the distribution
    const issues = [internalErrorIssue(error)];
    return quarantine(deps, webhook, receivedAt, { ...invalid, issues });
  }
  if (!fitsInMessage(message)) {
    const issues = [{ path: '', message: 'The record is larger than a queue message can be' }];
    return quarantine(deps, webhook, receivedAt, { ...invalid, issues });
  }
  return sendOrUnavailable(() => deps.enqueueRecord(message, toGroupId(record)), {
    kind: 'queued',
    record,
  });
}

async function quarantine(
  deps: ReceiveDeps,
  webhook: WebhookRequest,
  receivedAt: string,
  invalid: InvalidWebhook,
): Promise<ReceiveResult> {
  const message = toQuarantineMessage(webhook, receivedAt, invalid);
  if (message === null) return { kind: 'too_large' };
  const { id, event, issues } = invalid;
  return sendOrUnavailable(() => deps.enqueueQuarantine(message), {
    kind: 'quarantined',
    id,
    event,
    issues,
  });
}

/** Returns `result` once SQS has stored the message: nothing else may be acknowledged. */
async function sendOrUnavailable(
  send: () => Promise<void>,
  result: ReceiveResult,
): Promise<ReceiveResult> {
  try {
    await send();
    return result;
  } catch {
    return { kind: 'unavailable', reason: 'queue_unavailable' };
  }
}

function toErrorResult(error: unknown): ReceiveResult {
  return { kind: 'error', cause: errorName(error) };
}
