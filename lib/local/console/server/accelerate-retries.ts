import * as v from 'valibot';
import type { EditMessage } from '../../emulator/waiting-messages.ts';

/** Lets the time of waiting retries run faster, without changing any clock. */
export interface TimeLapse {
  speed(): number;
  /** @param speed 1 for the time as it is */
  setSpeed(speed: number): void;
  stop(): void;
}

/** What is needed of the pipeline, and who is told of a delivery's new time (ms since 1970). */
export interface TimeLapseDeps {
  readonly editWaiting: (edit: EditMessage) => void;
  readonly onMoved: (recordId: string, destination: string, nextAt: number) => void;
  readonly now: () => number;
}

const LOOK_EVERY_MS = 100;
const MS_PER_SECOND = 1_000;

const TimeSchema = v.pipe(v.string(), v.transform(Date.parse));
const WaitingSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    record: v.looseObject({ id: v.string() }),
    destination: v.string(),
    firstAt: TimeSchema,
    lastAt: v.exactOptional(TimeSchema),
    notBefore: TimeSchema,
    reason: v.string(),
  }),
);
/** While a destination is spared, fanOut itself waits, and its clock is not ours to change. */
const SPARED = /^held_back/;

/**
 * Shortens what is left of each wait on [retries] by the speed, once, and moves the delivery's other
 * times by as much: so it ages as it would have. When the speed changes, what is left changes with it.
 */
export function createTimeLapse({ editWaiting, onMoved, now }: TimeLapseDeps): TimeLapse {
  let speed = 1;
  let shortened = new Map<string, number>();

  const shorten = (): void => {
    const seen = new Map<string, number>();
    editWaiting((message) => {
      const before = shortened.get(message.messageId) ?? 1;
      seen.set(message.messageId, speed);
      if (before === speed) return null;
      const waiting = v.safeParse(WaitingSchema, message.body);
      if (!waiting.success || SPARED.test(waiting.output.reason)) return null;
      const { firstAt, lastAt, notBefore, ...rest } = waiting.output;
      const left = Math.max(0, notBefore - now());
      const nextAt = now() + (left * before) / speed;
      const earlierBy = notBefore - nextAt;
      onMoved(rest.record.id, rest.destination, nextAt);
      return {
        visibleAtMs: Math.min(nextAt, now() + 900 * MS_PER_SECOND),
        body: JSON.stringify({
          ...rest,
          firstAt: rfc3339(firstAt - earlierBy),
          ...(lastAt !== undefined && { lastAt: rfc3339(lastAt - earlierBy) }),
          notBefore: rfc3339(nextAt),
        }),
      };
    });
    shortened = seen;
  };
  const timer = setInterval(() => {
    if (speed !== 1 || shortened.size > 0) shorten();
  }, LOOK_EVERY_MS);
  return {
    speed: () => speed,
    setSpeed(wanted) {
      speed = wanted;
      shorten();
    },
    stop: () => clearInterval(timer),
  };
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString();
}
