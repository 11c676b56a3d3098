import type { DeliveryLog } from '../../../telemetry/log-lines.ts';
import type { DeliveryStatus } from '../../../telemetry/statuses.ts';
import type { DeliveryView, TimelineEvent } from '../protocol.ts';

/** A request at a destination and what came back. */
export interface HttpExchange {
  readonly head: string;
  readonly body: string;
  readonly response: { readonly head: string; readonly ms: number } | null;
}

/** One attempt at one delivery, or several in a row in which nothing was tried. */
export interface AttemptLog {
  readonly at: number;
  readonly entry: DeliveryLog;
  repeatCount: number;
  nextAt: number | null;
  exchange: HttpExchange | null;
}

/** What has become of one record so far. */
export interface RecordTimeline {
  readonly id: string;
  /** The record as it was sent to [records], up to a limit; null when it was not seen there. */
  recordText: string | null;
  truncatedCharacters: number;
  readonly deliveries: Map<string, DeliveryView>;
  readonly attempts: AttemptLog[];
  /** What went over the wire to a destination and was not told of by the journal yet. */
  readonly pendingExchanges: Map<string, HttpExchange>;
  readonly events: { readonly at: number; readonly event: Omit<TimelineEvent, 'afterMs'> }[];
  /** The calls that brought this record. */
  readonly webhookKeys: Set<string>;
  /** How often something has happened to it. */
  changeCount: number;
}

const MAX_ATTEMPTS = 60;
const MAX_EVENTS = 60;

/** A story in which nothing has happened yet. */
export function createTimeline(id: string): RecordTimeline {
  return {
    id,
    recordText: null,
    truncatedCharacters: 0,
    deliveries: new Map(),
    attempts: [],
    pendingExchanges: new Map(),
    events: [],
    webhookKeys: new Set(),
    changeCount: 0,
  };
}

/** Notes a stop on the record's way; a long way keeps its beginning and its end. */
export function addEvent(
  timeline: RecordTimeline,
  at: number,
  event: Omit<TimelineEvent, 'afterMs'>,
): void {
  timeline.events.push({ at, event });
  if (timeline.events.length > MAX_EVENTS) timeline.events.splice(MAX_EVENTS / 2, 1);
}

/** Sets where a delivery stands. What was delivered stays delivered. */
export function setDeliveryStatus(
  timeline: RecordTimeline,
  destination: string,
  status: DeliveryStatus,
  changes: Partial<Omit<DeliveryView, 'destination' | 'stand'>> = {},
): void {
  const previous = timeline.deliveries.get(destination);
  if (previous?.status === 'delivered') return;
  const initial: DeliveryView = { destination, status, attempts: 0, nextAt: null, reason: null };
  timeline.deliveries.set(destination, {
    ...initial,
    ...previous,
    nextAt: null,
    status,
    ...changes,
  });
}

/** Writes down what the journal says of an attempt. */
export function addAttempt(timeline: RecordTimeline, entry: DeliveryLog, at: number): void {
  const { destination, status, nextInSeconds } = entry;
  const reason = formatReason(entry);
  const nextAt = nextInSeconds === undefined ? null : at + nextInSeconds * 1_000;
  const exchange = timeline.pendingExchanges.get(destination) ?? null;
  timeline.pendingExchanges.delete(destination);
  const lastAttempt = timeline.attempts.at(-1);
  const wasNotAttempted = exchange === null && status === 'waiting';
  if (
    wasNotAttempted &&
    lastAttempt?.entry.destination === destination &&
    formatReason(lastAttempt.entry) === reason
  ) {
    lastAttempt.repeatCount += 1;
    lastAttempt.nextAt = nextAt;
  } else {
    timeline.attempts.push({ at, entry, repeatCount: 1, nextAt, exchange });
    if (timeline.attempts.length > MAX_ATTEMPTS) timeline.attempts.shift();
  }
  setDeliveryStatus(timeline, destination, status === 'duplicate' ? 'delivered' : status, {
    attempts: entry.attempt,
    nextAt,
    reason,
  });
}

/** Notes an exchange. The journal tells of it afterwards, or has done so a moment ago. */
export function addExchange(
  timeline: RecordTimeline,
  destination: string,
  exchange: HttpExchange,
): void {
  const lastAttempt = timeline.attempts.findLast((each) => each.entry.destination === destination);
  const status = timeline.deliveries.get(destination)?.status;
  if (
    lastAttempt?.exchange === null &&
    status !== 'in_progress' &&
    lastAttempt.entry.reason?.startsWith('circuit_open') !== true
  ) {
    lastAttempt.exchange = exchange;
  } else {
    timeline.pendingExchanges.set(destination, exchange);
  }
}

/** Why a delivery waits or was given up, in one text; null when there is no reason. */
export function formatReason({ reason, failure, cause, httpStatus }: DeliveryLog): string | null {
  const known = [reason, failure, httpStatus, cause].filter((part) => part !== undefined);
  return known.length === 0 ? null : known.join(' ');
}
