import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { fitsIntoMessage, messageBody } from '../platform/sqs-message.ts';
import { type AdmissionDeps, refusalOf } from './authenticate.ts';
import { type Answer, answerTo } from './response.ts';
import { decodeWebhook, type Webhook } from './webhook-request.ts';
import { journalEntry, type Outcome } from './receive-result.ts';
import {
  compressedBody,
  headersToKeep,
  plainBody,
  type QuarantinedWebhook,
} from './quarantine-message.ts';
import {
  type NotUnderstood,
  ownFault,
  type Reader,
  understand,
  type Understanding,
} from './parse-webhook.ts';

/** What receive needs from outside. */
export interface ReceiveDeps extends AdmissionDeps {
  /** Puts a message on [records]; resolves when it is safe there. */
  readonly queueRecord: (message: string) => Promise<void>;
  /** Puts a message on [quarantine]; resolves when it is safe there. */
  readonly quarantine: (message: string) => Promise<void>;
  readonly reader: Reader;
  readonly now: () => Date;
}

/**
 * The handler of one webhook: decode, verify, understand, store, answer.
 * It never throws: every fault has an answer, and nothing is acknowledged that was not stored.
 */
export function createReceive(
  deps: ReceiveDeps,
): (event: APIGatewayProxyEventV2) => Promise<Answer> {
  return async (event) => {
    const startedAt = deps.now();
    const outcome = await outcomeOf(deps, event, startedAt).catch(failed);
    const answer = answerTo(outcome);
    const ms = deps.now().getTime() - startedAt.getTime();
    const requestId = event.requestContext?.requestId;
    deps.journal.webhook({ ...journalEntry(outcome, answer.statusCode, ms), requestId });
    return answer;
  };
}

async function outcomeOf(
  deps: ReceiveDeps,
  event: APIGatewayProxyEventV2,
  startedAt: Date,
): Promise<Outcome> {
  const webhook = decodeWebhook(event);
  const refusal = await refusalOf(deps, webhook);
  if (refusal !== null) return refusal;

  const receivedAt = startedAt.toISOString();
  const understanding = understand(webhook.body, webhook.mappingName, receivedAt, deps.reader);
  try {
    return await store(deps, webhook, receivedAt, understanding);
  } catch (fault) {
    // genuine, so the same bytes would fail on every retry and pause the distribution
    const id = understanding.understood ? understanding.record.id : understanding.id;
    return setAside(deps, webhook, receivedAt, {
      id,
      form: null,
      event: null,
      issues: [ownFault(fault)],
    });
  }
}

async function store(
  deps: ReceiveDeps,
  webhook: Webhook,
  receivedAt: string,
  understanding: Understanding,
): Promise<Outcome> {
  if (!understanding.understood) return setAside(deps, webhook, receivedAt, understanding);
  const { record } = understanding;
  const message = messageBody(record);
  if (fitsIntoMessage(message)) {
    return stored(deps.queueRecord(message), { kind: 'queued', record });
  }
  return setAside(deps, webhook, receivedAt, {
    id: record.id,
    form: null,
    event: record.type,
    issues: [{ path: '', message: 'The record is larger than a queue message can be' }],
  });
}

async function setAside(
  deps: ReceiveDeps,
  webhook: Webhook,
  receivedAt: string,
  { id, form, event, issues }: NotUnderstood,
): Promise<Outcome> {
  const messageWith = (body: QuarantinedWebhook['body']): string => {
    const headers = headersToKeep(webhook.headers);
    const mapping = webhook.mappingName;
    return messageBody({ receivedAt, id, form, event, mapping, issues, headers, body });
  };
  const plain = messageWith(plainBody(webhook.body));
  const message = fitsIntoMessage(plain) ? plain : messageWith(compressedBody(webhook.body));
  if (!fitsIntoMessage(message)) return { kind: 'too_large' };
  return stored(deps.quarantine(message), { kind: 'quarantined', id, event, issues });
}

/** Only what the queue has taken may be acknowledged. */
async function stored(sending: Promise<void>, outcome: Outcome): Promise<Outcome> {
  try {
    await sending;
    return outcome;
  } catch {
    return { kind: 'unavailable', because: 'queue' };
  }
}

function failed(fault: unknown): Outcome {
  return { kind: 'failed', because: fault instanceof Error ? fault.name : typeof fault };
}
