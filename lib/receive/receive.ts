import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Journal } from '../platform/journal.ts';
import { fitsIntoMessage, messageBody } from '../platform/message-body.ts';
import type { SigningKeys } from '../platform/webhook-keys.ts';
import { isSenderAddress, type SenderRegion } from '../voucherify/sender-addresses.ts';
import { SIGNATURE_HEADER, type Verification, verifySignature } from '../voucherify/signature.ts';
import { type Answer, answerTo } from './answer.ts';
import { decodeWebhook, type Webhook } from './decode.ts';
import { journalEntry, type Outcome } from './outcome.ts';
import {
  compressedBody,
  headersToKeep,
  plainBody,
  type QuarantinedWebhook,
} from './quarantined-webhook.ts';
import { type NotUnderstood, type Reader, understand, type Understanding } from './understand.ts';

/** Whose addresses are the sender's, and what becomes of a genuine webhook that comes from elsewhere. */
export interface SenderRule {
  /** Null: no address is checked. */
  readonly region: SenderRegion | null;
  readonly elsewhere: 'count' | 'enforce';
}

/** What receive needs from outside. */
export interface ReceiveDeps {
  /** The keys that are valid now. Rejects when they cannot be read. */
  readonly signingKeys: SigningKeys;
  /** Puts a message on [records]; resolves when it is safe there. */
  readonly queueRecord: (message: string) => Promise<void>;
  /** Puts a message on [quarantine]; resolves when it is safe there. */
  readonly quarantine: (message: string) => Promise<void>;
  /** Which addresses the sender has. */
  readonly sender: SenderRule;
  readonly reader: Reader;
  readonly journal: Journal;
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
  return store(deps, webhook, receivedAt, understanding);
}

/**
 * Says why a webhook is not taken, or null. The address is judged last: what then comes from elsewhere
 * is no scanner, but a new address of the sender's, or somebody who knows the secret.
 */
async function refusalOf(deps: ReceiveDeps, webhook: Webhook): Promise<Outcome | null> {
  const verification = await verify(deps.signingKeys, webhook);
  if (verification === null) return { kind: 'unavailable', because: 'secret' };
  if (!verification.genuine) return { kind: 'refused', because: verification.because };

  const { region, elsewhere } = deps.sender;
  if (region === null || isSenderAddress(region, webhook.sourceAddress)) return null;
  deps.journal.trouble({ what: 'unknown_sender_address', reason: webhook.sourceAddress });
  return elsewhere === 'enforce' ? { kind: 'refused', because: 'address' } : null;
}

/** Judges a signature, and once more where the keys turn out to have changed; null without any keys. */
async function verify(
  signingKeys: SigningKeys,
  { body, headers }: Webhook,
): Promise<Verification | null> {
  const signature = headers.get(SIGNATURE_HEADER);
  const keys = await signingKeys().catch(() => null);
  if (keys === null || keys.length === 0) return null;
  const first = verifySignature(body, signature, keys);
  if (first.genuine || first.because !== 'mismatch') return first;

  const newest = await signingKeys('newest').catch(() => null);
  if (newest === null || newest.length === 0) return null;
  return newest === keys ? first : verifySignature(body, signature, newest);
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
