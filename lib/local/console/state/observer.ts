import { parseRecordId, fromMockRequest } from '../../emulator/delivered-requests.ts';
import type { WebhookLog } from '../../../telemetry/log-lines.ts';
import type { PipelineObserver } from '../../emulator/observer.ts';
import type { MockExchange } from '../../emulator/mock-destinations.ts';
import type { Store } from './store.ts';
import { toReceivedWebhook, MAX_STORED_CHARACTERS, type SignatureStatus } from './request.ts';
import { toDeliveryEvent, toHttpExchange, toQueueEvent } from './format.ts';
import { parseDeadLetterMessage, parseRecordMessage, parseRetryMessage } from './parse-messages.ts';
import { addAttempt, addEvent, addExchange, setDeliveryStatus } from './timeline.ts';
import type { Counters } from './counters.ts';

/** What the console hears of a pipeline. */
export type ConsoleObserver = Required<
  Pick<
    PipelineObserver,
    'onLine' | 'onInvocation' | 'onRequestDelivered' | 'onMockExchange' | 'onMessageSent'
  >
>;

/** What is needed to write down what happens. */
export interface StateObserverDeps {
  readonly store: Store;
  readonly counters: Counters;
  /** Says what a signature fits. */
  readonly checkSignature: (
    body: Buffer,
    headers: Readonly<Record<string, string>>,
  ) => SignatureStatus;
  /** A queue's logical id by its name. */
  readonly getQueueId: (queueName: string) => string;
  /** The destinations that are queues, by the queue's logical id. */
  readonly queueDestinations: ReadonlyMap<string, string>;
  readonly now: () => number;
}

const MAX_PENDING_LOG_ENTRIES = 2_000;

/** Writes everything that a pipeline does into the book and the tally. */
export function createStateObserver(deps: StateObserverDeps): ConsoleObserver {
  const { store, counters, checkSignature, getQueueId, queueDestinations, now } = deps;
  const pendingLogEntries = new Map<string, WebhookLog>();
  let webhookCount = 0;

  const queueHandlers: Readonly<Record<string, (body: string) => void>> = {
    RecordsQueue(body) {
      const record = parseRecordMessage(body);
      if (record === null) return;
      const timeline = store.getOrCreateTimeline(record.id);
      timeline.recordText = body.slice(0, MAX_STORED_CHARACTERS * 2);
      timeline.truncatedCharacters = Math.max(0, body.length - MAX_STORED_CHARACTERS * 2);
      addEvent(
        timeline,
        now(),
        toQueueEvent('records', `record of purpose ${record.data.purpose}`),
      );
      store.markChanged(timeline);
      counters.increment('records', now());
    },
    RetriesQueue(body) {
      const retry = parseRetryMessage(body);
      if (retry === null) return;
      const timeline = store.getOrCreateTimeline(retry.record.id);
      const { attempt, notBefore: nextAt, lastFailure, destination } = retry;
      setDeliveryStatus(timeline, destination, 'waiting', {
        attempts: attempt - 1,
        nextAt,
        reason: lastFailure.reason,
      });
      const lastAttempt = timeline.attempts.findLast(
        ({ entry }) => entry.destination === destination,
      );
      if (lastAttempt?.entry.status === 'waiting') lastAttempt.nextAt = nextAt;
      store.markChanged(timeline);
      counters.increment('retries', now());
    },
    DeadLettersQueue(body) {
      const deadLetter = parseDeadLetterMessage(body);
      counters.increment('deadLetters', now());
      if (deadLetter === null) return;
      const timeline = store.getOrCreateTimeline(deadLetter.record.id);
      addEvent(timeline, now(), toQueueEvent('dead letters', deadLetter.reason));
      store.markChanged(timeline);
    },
    QuarantineQueue() {
      counters.increment('quarantine', now());
    },
  };

  return {
    onLine(_line, journal) {
      if (journal.kind === 'webhook' && journal.entry.requestId !== undefined) {
        pendingLogEntries.set(journal.entry.requestId, journal.entry);
        const [oldest] = pendingLogEntries.keys();
        if (pendingLogEntries.size > MAX_PENDING_LOG_ENTRIES && oldest !== undefined)
          pendingLogEntries.delete(oldest);
      }
      if (journal.kind !== 'delivery') return;
      const timeline = store.getOrCreateTimeline(journal.entry.id);
      addAttempt(timeline, journal.entry, now());
      addEvent(timeline, now(), toDeliveryEvent(journal.entry));
      store.markChanged(timeline);
      counters.countDelivery(journal.entry.destination, journal.entry.status, now());
    },
    onInvocation(invocation) {
      if (invocation.functionName === 'fanOut') counters.increment('fanOut', now());
      const findLogEntry = (requestId: string): WebhookLog | null =>
        pendingLogEntries.get(requestId) ?? null;
      const webhook = toReceivedWebhook(invocation, webhookCount + 1, checkSignature, findLogEntry);
      if (webhook === null) return;
      webhookCount += 1;
      pendingLogEntries.delete(webhook.key);
      store.addWebhook(webhook);
      counters.countWebhook(webhook.responseStatus, now());
    },
    onRequestDelivered({ destination, recordId }) {
      if (recordId === null || [...queueDestinations.values()].includes(destination)) return;
      const timeline = store.getOrCreateTimeline(recordId);
      setDeliveryStatus(timeline, destination, 'in_progress');
      store.markChanged(timeline);
    },
    onMockExchange(answer: MockExchange) {
      const { destination, recordId } = fromMockRequest(answer.request);
      if (recordId === null) return;
      const timeline = store.getOrCreateTimeline(recordId);
      addExchange(timeline, destination, toHttpExchange(answer));
      store.markChanged(timeline);
    },
    onMessageSent({ queueName, body }) {
      const id = getQueueId(queueName);
      queueHandlers[id]?.(body);
      const destination = queueDestinations.get(id);
      const recordId = destination === undefined ? null : parseRecordId(body);
      if (destination === undefined || recordId === null) return;
      addExchange(store.getOrCreateTimeline(recordId), destination, {
        head: `SendMessage to ${queueName}`,
        body: body.slice(0, MAX_STORED_CHARACTERS),
        response: null,
      });
    },
  };
}
