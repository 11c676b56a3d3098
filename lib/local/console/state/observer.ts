import type { WebhookLog } from '../../../telemetry/log-lines.ts';
import type { LocalPipelineObserver } from '../../emulator/observer.ts';
import type { Store } from './store.ts';
import {
  toReceivedWebhook,
  MAX_STORED_CHARACTERS,
  type SignatureStatus,
} from './received-webhook.ts';
import { toDestinationRequests } from './destination-requests.ts';
import {
  parseDeadLetterMessage,
  parseDeliveryMessage,
  parseRecordMessage,
} from './parse-messages.ts';
import { addAttempt, addEvent, addExchange, setDeliveryStatus } from './timeline.ts';
import type { Counters } from './counters.ts';

/** The events of a pipeline that the console stores. */
export type ConsoleObserver = Required<
  Pick<
    LocalPipelineObserver,
    'onLine' | 'onInvocation' | 'onRequestDelivered' | 'onRequestMade' | 'onMessageSent'
  >
>;

/** The dependencies of the observer. */
export interface StateObserverDeps {
  readonly store: Store;
  readonly counters: Counters;
  readonly checkSignature: (
    body: Buffer,
    headers: Readonly<Record<string, string>>,
  ) => SignatureStatus;
  /** Finds a queue's logical id by its name. */
  readonly getQueueId: (queueName: string) => string;
  /** Finds the name of the destination for which a queue holds deliveries; null for any other queue. */
  readonly getDestinationOfQueue: (queueName: string) => string | null;
  /** The names of destinations that are queues, by the queue's logical id. */
  readonly queueDestinations: ReadonlyMap<string, string>;
  readonly now: () => number;
}

const MAX_PENDING_LOGS = 2_000;

/** Creates an observer that writes every event of a pipeline into the store and the counters. */
export function createStateObserver(deps: StateObserverDeps): ConsoleObserver {
  const { store, counters, checkSignature, getQueueId, queueDestinations, now } = deps;
  const onDeliveryQueued = (body: string, destination: string): void => {
    const delivery = parseDeliveryMessage(body);
    if (delivery === null) return;
    const timeline = store.getOrCreateTimeline(delivery.record.id);
    setDeliveryStatus(timeline, destination, 'waiting');
    store.markChanged(timeline);
  };
  const pendingLogs = new Map<string, WebhookLog>();

  const queueHandlers: Readonly<Record<string, (body: string) => void>> = {
    RecordsQueue(body) {
      const record = parseRecordMessage(body);
      if (record === null) return;
      const timeline = store.getOrCreateTimeline(record.id);
      timeline.recordText = body.slice(0, MAX_STORED_CHARACTERS * 2);
      timeline.truncatedCharacters = Math.max(0, body.length - MAX_STORED_CHARACTERS * 2);
      const { distributionLabel, distribution } = record.data;
      timeline.distribution = distributionLabel ?? distribution?.id ?? null;
      addEvent(timeline, now(), {
        node: 'records',
        destination: null,
        level: 'info',
        text: `record queued, purpose ${record.data.purpose}`,
      });
      store.markChanged(timeline);
      counters.increment('records', now());
    },
    DeadLettersQueue(body) {
      const deadLetter = parseDeadLetterMessage(body);
      counters.increment('deadLetters', now());
      if (deadLetter === null) return;
      const timeline = store.getOrCreateTimeline(deadLetter.record.id);
      const text = `dead letter: ${deadLetter.reason}`;
      addEvent(timeline, now(), { node: 'deadLetters', destination: null, level: 'error', text });
      store.markChanged(timeline);
    },
    QuarantineQueue() {
      counters.increment('quarantine', now());
    },
  };

  return {
    onLine(_line, parsed) {
      if (parsed.kind === 'webhook' && parsed.entry.requestId !== undefined) {
        pendingLogs.set(parsed.entry.requestId, parsed.entry);
        const [oldest] = pendingLogs.keys();
        if (pendingLogs.size > MAX_PENDING_LOGS && oldest !== undefined) pendingLogs.delete(oldest);
      }
      if (parsed.kind !== 'delivery') return;
      const timeline = store.getOrCreateTimeline(parsed.entry.id);
      const status = addAttempt(timeline, parsed.entry, now());
      store.markChanged(timeline);
      counters.countAttempt(parsed.entry.destination, status, now());
    },
    onInvocation(invocation) {
      if (invocation.functionName === 'fanOut') counters.increment('fanOut', now());
      const findLog = (requestId: string): WebhookLog | null => pendingLogs.get(requestId) ?? null;
      const webhook = toReceivedWebhook(invocation, store.nextNumber(), checkSignature, findLog);
      if (webhook === null) return;
      pendingLogs.delete(webhook.key);
      store.addWebhook(webhook);
      counters.countWebhook(webhook.httpStatus, now());
    },
    onRequestDelivered({ destination, recordId }) {
      if (recordId === null || [...queueDestinations.values()].includes(destination)) return;
      const timeline = store.getOrCreateTimeline(recordId);
      setDeliveryStatus(timeline, destination, 'in_progress');
      store.markChanged(timeline);
    },
    onRequestMade(request) {
      const isOwnQueue = (name: string): boolean =>
        queueHandlers[getQueueId(name)] !== undefined || deps.getDestinationOfQueue(name) !== null;
      for (const { queueName, recordId, exchange } of toDestinationRequests(request, isOwnQueue)) {
        const destination = deps.getDestinationOfQueue(queueName);
        if (destination === null) return;
        const timeline = store.getOrCreateTimeline(recordId);
        addExchange(timeline, destination, exchange, now());
        store.markChanged(timeline);
      }
    },
    onMessageSent({ queueName, body }) {
      const id = getQueueId(queueName);
      queueHandlers[id]?.(body);
      const queuedFor = deps.getDestinationOfQueue(queueName);
      if (queuedFor !== null) onDeliveryQueued(body, queuedFor);
    },
  };
}
