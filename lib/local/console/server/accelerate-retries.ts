import * as v from 'valibot';
import type { FailureReason } from '../../../telemetry/reason-codes.ts';
import type { EditMessage } from '../../emulator/waiting-messages.ts';

/** Lets the time of waiting retries run faster, without changing any clock. */
export interface RetryAccelerator {
  speed(): number;
  /** @param speed 1 for the time as it is */
  setSpeed(speed: number): void;
  stop(): void;
}

/** What is needed of the pipeline, and who is told of a delivery's new time (ms since 1970). */
export interface RetryAcceleratorDeps {
  readonly editDelayed: (edit: EditMessage) => void;
  readonly onRescheduled: (recordId: string, destination: string, nextAt: number) => void;
  readonly now: () => number;
}

const POLL_INTERVAL_MS = 100;
const MS_PER_SECOND = 1_000;

const TimeSchema = v.pipe(v.string(), v.transform(Date.parse));
const RetryMessageSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    record: v.looseObject({ id: v.string() }),
    destination: v.string(),
    firstAt: TimeSchema,
    lastAt: v.exactOptional(TimeSchema),
    notBefore: TimeSchema,
    lastFailure: v.looseObject({ reason: v.string() }),
  }),
);
/** While a circuit is open, fanOut itself waits, and its clock is not ours to change. */
const CIRCUIT_OPEN: FailureReason = 'circuit_open';

/**
 * Shortens what is left of each wait on [retries] by the speed, once, and moves the delivery's other
 * times by as much: so it ages as it would have. When the speed changes, what is left changes with it.
 */
export function createRetryAccelerator({
  editDelayed,
  onRescheduled,
  now,
}: RetryAcceleratorDeps): RetryAccelerator {
  let speed = 1;
  let appliedSpeeds = new Map<string, number>();

  const shortenWaits = (): void => {
    const seenSpeeds = new Map<string, number>();
    editDelayed((message) => {
      const previousSpeed = appliedSpeeds.get(message.messageId) ?? 1;
      seenSpeeds.set(message.messageId, speed);
      if (previousSpeed === speed) return null;
      const retry = v.safeParse(RetryMessageSchema, message.body);
      if (!retry.success || retry.output.lastFailure.reason === CIRCUIT_OPEN) return null;
      const { firstAt, lastAt, notBefore, ...rest } = retry.output;
      const remainingMs = Math.max(0, notBefore - now());
      const nextAt = now() + (remainingMs * previousSpeed) / speed;
      const shiftMs = notBefore - nextAt;
      onRescheduled(rest.record.id, rest.destination, nextAt);
      return {
        visibleAtMs: Math.min(nextAt, now() + 900 * MS_PER_SECOND),
        body: JSON.stringify({
          ...rest,
          firstAt: toTimestamp(firstAt - shiftMs),
          ...(lastAt !== undefined && { lastAt: toTimestamp(lastAt - shiftMs) }),
          notBefore: toTimestamp(nextAt),
        }),
      };
    });
    appliedSpeeds = seenSpeeds;
  };
  const timer = setInterval(() => {
    if (speed !== 1 || appliedSpeeds.size > 0) shortenWaits();
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
