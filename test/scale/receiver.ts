import type { IncomingHttpHeaders } from 'node:http';
import type { HttpResult } from '../../lib/destinations/http-client.ts';
import { ASSUMPTIONS } from './assumptions.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How a receiver behaves. */
export interface ReceiverBehaviour {
  /** What it takes in a second and in a minute of its clock; null without a limit. */
  readonly perSecond: number | null;
  readonly perMinute: number | null;
  /** Whether a 429 has a Retry-After, with the seconds until the limit allows a request again. */
  readonly sendsRetryAfter: boolean;
  /** Until then it responds to everything with this status. Unix time in milliseconds. */
  readonly downUntilMs: number;
  readonly downResponse: { readonly status: number; readonly retryAfterSeconds: number | null };
  /** How long a response takes, a quarter more or less; of a receiver as assumed by default. */
  readonly latencyMs: number;
  /** Whether its requests get no response: until the timeout ends them, or not even then. */
  readonly hangs: 'no' | 'until_timeout' | 'for_ever';
}

/** A receiver without limits that is never down. */
export const HEALTHY: ReceiverBehaviour = {
  perSecond: null,
  perMinute: null,
  sendsRetryAfter: false,
  downUntilMs: -Infinity,
  downResponse: { status: 503, retryAfterSeconds: null },
  latencyMs: ASSUMPTIONS.receiverMs.value,
  hangs: 'no',
};

/** What a receiver saw. */
export interface ReceiverCounts {
  requests: number;
  accepted: number;
  /** 429. */
  refused: number;
  /** While it was down. */
  failed: number;
  /** Accepted although it had accepted the same record before. */
  repeated: number;
  firstAcceptedAtMs: number;
  lastAcceptedAtMs: number;
}

/** The receiver of one destination: counts the requests of each fixed window of its clock. */
export interface Receiver {
  readonly behaviour: ReceiverBehaviour;
  readonly counts: ReceiverCounts;
  /** When it accepted each record first (Unix time in ms); NaN for one that it has not. */
  readonly acceptedAtMs: Float64Array;
  /** A request arrives. @param places which records it has, from 0 */
  readonly handle: (...places: readonly number[]) => HttpResult;
  readonly drawLatencyMs: () => number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Creates a receiver. @param records how many records it can get */
export function createReceiver(
  clock: VirtualClock,
  random: () => number,
  behaviour: ReceiverBehaviour,
  records: number,
): Receiver {
  const counts: ReceiverCounts = {
    requests: 0,
    accepted: 0,
    refused: 0,
    failed: 0,
    repeated: 0,
    firstAcceptedAtMs: Number.NaN,
    lastAcceptedAtMs: Number.NaN,
  };
  const acceptedAtMs = new Float64Array(records).fill(Number.NaN);
  const windows = [
    { ms: SECOND_MS, limit: behaviour.perSecond, number: -1, requests: 0 },
    { ms: MINUTE_MS, limit: behaviour.perMinute, number: -1, requests: 0 },
  ];
  const respond = (status: number, headers: IncomingHttpHeaders = {}): HttpResult => ({
    kind: 'response',
    status,
    headers,
    body: '',
  });
  return {
    behaviour,
    counts,
    acceptedAtMs,
    drawLatencyMs: () => behaviour.latencyMs * (0.75 + random() / 2),
    handle(...places) {
      const nowMs = clock.nowMs();
      counts.requests += 1;
      if (nowMs < behaviour.downUntilMs) {
        counts.failed += 1;
        const { status, retryAfterSeconds } = behaviour.downResponse;
        return respond(
          status,
          retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) },
        );
      }
      let waitMs = 0;
      for (const window of windows) {
        if (window.limit === null) continue;
        const number = Math.floor(nowMs / window.ms);
        if (number !== window.number) Object.assign(window, { number, requests: 0 });
        if (window.requests >= window.limit) {
          waitMs = Math.max(waitMs, (number + 1) * window.ms - nowMs);
        }
      }
      if (waitMs > 0) {
        counts.refused += 1;
        const retryAfter = { 'retry-after': String(Math.ceil(waitMs / SECOND_MS)) };
        return respond(429, behaviour.sendsRetryAfter ? retryAfter : {});
      }
      for (const window of windows) window.requests += 1;
      for (const place of places) {
        if (Number.isNaN(acceptedAtMs[place])) {
          counts.accepted += 1;
          acceptedAtMs[place] = nowMs;
        } else counts.repeated += 1;
      }
      if (Number.isNaN(counts.firstAcceptedAtMs)) counts.firstAcceptedAtMs = nowMs;
      counts.lastAcceptedAtMs = nowMs;
      return respond(200);
    },
  };
}

/** The least milliseconds in which a receiver takes that many records that are all there at once. */
export function idealMs(
  { perSecond, perMinute }: Pick<ReceiverBehaviour, 'perSecond' | 'perMinute'>,
  records: number,
): number {
  const ratePerSecond = Math.min(perSecond ?? Infinity, (perMinute ?? Infinity) / 60);
  return Number.isFinite(ratePerSecond) ? (records / ratePerSecond) * SECOND_MS : 0;
}
