import type { DeliveryLog } from '../../../telemetry/log-lines.ts';
import type { DeliveryStatus } from '../../../telemetry/statuses.ts';
import type { DeliveryView, TimelineEvent } from '../protocol.ts';
import type { HttpExchange } from './http-exchange.ts';

/** One attempt at one delivery, or several log lines in a row without a request. */
export interface Attempt {
  readonly at: number;
  readonly destination: string;
  /** The number of the attempt, from 1; null when it was not its turn. */
  readonly attempt: number | null;
  readonly status: DeliveryStatus;
  readonly reason: string | null;
  readonly httpStatus: number | null;
  readonly ms: number;
  /** An operator had released it: it was delivered before, and is delivered once more. */
  readonly isReleased: boolean;
  repeatCount: number;
  /** Milliseconds since 1970; null when no attempt follows. */
  nextAt: number | null;
  exchange: HttpExchange | null;
}

/** Everything that has happened to one record so far. */
export interface RecordTimeline {
  readonly id: string;
  /** The record as it was sent to [records], up to a limit; null when it was not seen there. */
  recordText: string | null;
  truncatedCharacters: number;
  /** The label of its distribution, or the id where it has none; null for a record of no distribution. */
  distribution: string | null;
  /** By destination. */
  readonly deliveries: Map<string, DeliveryView>;
  readonly attempts: Attempt[];
  /** By destination: exchanges whose log line has not been written yet. */
  readonly pendingExchanges: Map<string, HttpExchange>;
  readonly events: (Omit<TimelineEvent, 'afterMs'> & { readonly at: number })[];
  /** The webhooks with this record's id, the first one first. */
  readonly webhookKeys: Set<string>;
  changeCount: number;
}

const MAX_ATTEMPTS = 60;
const MAX_EVENTS = 60;

/** Creates the timeline of a record to which nothing has happened yet. */
export function createTimeline(id: string): RecordTimeline {
  return {
    id,
    recordText: null,
    truncatedCharacters: 0,
    distribution: null,
    deliveries: new Map(),
    attempts: [],
    pendingExchanges: new Map(),
    events: [],
    webhookKeys: new Set(),
    changeCount: 0,
  };
}

/** Adds an event. A timeline that is too long loses events from its middle. */
export function addEvent(
  timeline: RecordTimeline,
  at: number,
  event: Omit<TimelineEvent, 'afterMs'>,
): void {
  timeline.events.push({ at, ...event });
  if (timeline.events.length > MAX_EVENTS) timeline.events.splice(MAX_EVENTS / 2, 1);
}

/** Sets the status of a delivery. One that was delivered keeps that status. */
export function setDeliveryStatus(
  timeline: RecordTimeline,
  destination: string,
  status: DeliveryStatus,
  changes: Partial<Omit<DeliveryView, 'destination' | 'status'>> = {},
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

/**
 * Adds the attempt that a delivery's log line reports, and updates the delivery's status.
 * @returns the attempt's status
 */
export function addAttempt(
  timeline: RecordTimeline,
  entry: DeliveryLog,
  at: number,
): DeliveryStatus {
  const { destination } = entry;
  const exchange = timeline.pendingExchanges.get(destination) ?? null;
  timeline.pendingExchanges.delete(destination);
  const attempt = toAttempt(entry, at, exchange);
  const { status, reason, nextAt } = attempt;
  const lastAttempt = timeline.attempts.at(-1);
  const isRepeated =
    exchange === null &&
    status === 'waiting' &&
    lastAttempt?.reason === reason &&
    lastAttempt.destination === destination;
  if (isRepeated) {
    lastAttempt.repeatCount += 1;
    lastAttempt.nextAt = nextAt;
  } else {
    timeline.attempts.push(attempt);
    if (timeline.attempts.length > MAX_ATTEMPTS) timeline.attempts.shift();
  }
  addEvent(timeline, at, toDeliveryEvent(attempt, entry.nextInSeconds));
  // a duplicate says that an earlier attempt was successful
  setDeliveryStatus(timeline, destination, status === 'duplicate' ? 'delivered' : status, {
    ...(attempt.attempt !== null && { attempts: attempt.attempt }),
    nextAt,
    reason,
  });
  return status;
}

/**
 * Adds an exchange to its attempt. The log line comes after the exchange, or just before it. One that
 * another exchange follows instead is an attempt without a log line: fanOut makes it again by itself when
 * it was refused, for example by a 429.
 */
export function addExchange(
  timeline: RecordTimeline,
  destination: string,
  exchange: HttpExchange,
  at: number,
): void {
  const lastAttempt = timeline.attempts.findLast((each) => each.destination === destination);
  const status = timeline.deliveries.get(destination)?.status;
  const isLogged =
    lastAttempt?.exchange === null && status !== 'in_progress' && lastAttempt.attempt !== null;
  if (isLogged) {
    lastAttempt.exchange = exchange;
    return;
  }
  const refused = timeline.pendingExchanges.get(destination);
  if (refused !== undefined) addRefusedAttempt(timeline, destination, refused, at);
  timeline.pendingExchanges.set(destination, exchange);
}

function addRefusedAttempt(
  timeline: RecordTimeline,
  destination: string,
  exchange: HttpExchange,
  at: number,
): void {
  timeline.attempts.push({
    at,
    destination,
    attempt: null,
    status: 'waiting',
    reason: 'refused, and made again in the same invocation',
    httpStatus: null,
    ms: exchange.response.ms,
    isReleased: false,
    repeatCount: 1,
    nextAt: null,
    exchange,
  });
  if (timeline.attempts.length > MAX_ATTEMPTS) timeline.attempts.shift();
}

/** The only place that reads a delivery's log line. */
function toAttempt(entry: DeliveryLog, at: number, exchange: HttpExchange | null): Attempt {
  const { destination, attempt = null, status, httpStatus = null, ms, nextInSeconds } = entry;
  const isReleased = entry.released === true;
  return {
    at,
    destination,
    attempt,
    status,
    reason: formatReason(entry),
    httpStatus,
    ms,
    isReleased,
    repeatCount: 1,
    nextAt: nextInSeconds === undefined ? null : at + nextInSeconds * 1_000,
    exchange,
  };
}

/** Joins why a delivery waits or was given up into one text; null when there is no reason. */
function formatReason({ reason, failure, httpStatus, cause }: DeliveryLog): string | null {
  if (failure === undefined) return null;
  return [reason, failure, httpStatus, cause].filter((part) => part !== undefined).join(' ');
}

function toDeliveryEvent(
  { destination, attempt, status, reason, ms }: Attempt,
  nextInSeconds: number | undefined,
): Omit<TimelineEvent, 'afterMs'> {
  const base = { node: 'destination', destination } as const;
  const attemptText = attempt === null ? '' : `, attempt ${attempt}`;
  switch (status) {
    case 'delivered':
      return { ...base, level: 'success', text: `delivered${attemptText}, ${ms} ms` };
    case 'duplicate':
      return { ...base, level: 'info', text: 'duplicate, not delivered again' };
    case 'erased':
      return { ...base, level: 'info', text: 'erased, not delivered' };
    case 'in_progress':
      return { ...base, level: 'info', text: 'in progress in another invocation' };
    case 'waiting': {
      const next = nextInSeconds === undefined ? '' : `, next attempt in ${nextInSeconds} s`;
      return { ...base, level: 'warn', text: `${reason ?? 'failed'}${attemptText}${next}` };
    }
    case 'dead':
      return { ...base, level: 'error', text: `given up: ${reason ?? 'no reason logged'}` };
  }
}
