import type { EditMessage } from '../../emulator/fauxqs-internals.ts';
import { parseRetryMessage } from '../state/parse-messages.ts';
import { contain } from './contain.ts';
import { CIRCUIT_OPEN } from '../state/timeline.ts';

/** Makes waiting retries come sooner, without changing any clock. */
export interface RetryAccelerator {
  speed(): number;
  /** @param speed how many times faster than real time; 1 for real time */
  setSpeed(speed: number): void;
  stop(): void;
}

/** The dependencies of the accelerator. */
export interface RetryAcceleratorDeps {
  /** Edits the delayed messages of [retries]. */
  readonly editDelayed: (edit: EditMessage) => void;
  /** Called with a delivery's new time, in milliseconds since 1970. */
  readonly onRescheduled: (recordId: string, destination: string, nextAt: number) => void;
  readonly now: () => number;
  /** Receives what went wrong between two calls of the accelerator. */
  readonly onError: (error: unknown) => void;
}

const POLL_INTERVAL_MS = 100;
/** SQS delays a message by at most 15 minutes. */
const MAX_DELAY_MS = 900_000;

/**
 * Creates an accelerator. It divides the remaining wait of each message on [retries] by the speed,
 * once, and moves the delivery's other times by the same amount, so that its age stays right. A new
 * speed applies to the remaining wait. It leaves a delivery alone while the circuit breaker of its
 * destination is open: fanOut measures that time with its own clock.
 */
export function createRetryAccelerator({
  editDelayed,
  onRescheduled,
  now,
  onError,
}: RetryAcceleratorDeps): RetryAccelerator {
  let speed = 1;
  let appliedSpeeds = new Map<string, number>();

  const shortenWaits = (): void => {
    const currentSpeeds = new Map<string, number>();
    editDelayed((message) => {
      const previousSpeed = appliedSpeeds.get(message.messageId) ?? 1;
      currentSpeeds.set(message.messageId, speed);
      if (previousSpeed === speed) return null;
      const retry = parseRetryMessage(message.body);
      if (retry === null || retry.lastFailure.reason === CIRCUIT_OPEN) return null;
      const { firstAt, lastAt, notBefore, ...otherFields } = retry;
      const remainingMs = Math.max(0, notBefore - now());
      const nextAt = now() + (remainingMs * previousSpeed) / speed;
      const shiftMs = notBefore - nextAt;
      onRescheduled(retry.record.id, retry.destination, nextAt);
      return {
        visibleAtMs: Math.min(nextAt, now() + MAX_DELAY_MS),
        body: JSON.stringify({
          ...otherFields,
          firstAt: toTimestamp(firstAt - shiftMs),
          ...(lastAt !== undefined && { lastAt: toTimestamp(lastAt - shiftMs) }),
          notBefore: toTimestamp(nextAt),
        }),
      };
    });
    appliedSpeeds = currentSpeeds;
  };
  const timer = setInterval(() => {
    if (speed !== 1 || appliedSpeeds.size > 0) contain(shortenWaits, onError);
  }, POLL_INTERVAL_MS);
  return {
    speed: () => speed,
    setSpeed(newSpeed) {
      speed = newSpeed;
      shortenWaits();
    },
    stop: () => clearInterval(timer),
  };
}

function toTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}
