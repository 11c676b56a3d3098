import type {
  ChooseNextAt,
  WaitingDeliveries,
  WaitingDelivery,
} from '../../emulator/waiting-deliveries.ts';

/** Makes waiting retries come sooner, without changing any clock. */
export interface RetryAccelerator {
  speed(): number;
  /** @param speed how many times faster than real time; 1 for real time */
  setSpeed(speed: number): void;
  stop(): void;
}

/** The dependencies of the accelerator. */
export interface RetryAcceleratorDeps {
  readonly waitingDeliveries: Pick<WaitingDeliveries, 'reschedule'>;
  /**
   * Called with a delivery's new time, in milliseconds since 1970.
   * @param destinationId the id of the destination
   */
  readonly onRescheduled: (recordId: string, destinationId: string, nextAt: number) => void;
  readonly now: () => number;
  /** Receives what went wrong between two calls of the accelerator. */
  readonly onError: (error: unknown) => void;
}

/** What the accelerator has made of a wait. */
interface ShortenedWait {
  readonly speed: number;
  /** A message that becomes visible at another time has another wait, which nobody has shortened. */
  readonly visibleAtMs: number;
}

type InFlight = Pick<WaitingDelivery, 'messageId' | 'visibleAtMs'>;

const POLL_INTERVAL_MS = 100;

/**
 * Creates an accelerator. It divides the remaining wait of each hidden delivery by the speed, once. A new
 * speed applies to the remaining wait. The age of a delivery stays that of the clock. What waits inside an
 * invocation, for the pace or for an open circuit, is not hidden: `setSpeed` of the pipeline is for that.
 */
export function createRetryAccelerator({
  waitingDeliveries,
  onRescheduled,
  now,
  onError,
}: RetryAcceleratorDeps): RetryAccelerator {
  let speed = 1;
  let shortened = new Map<string, ShortenedWait>();

  const shortenWaits = async (): Promise<void> => {
    const current = new Map<string, ShortenedWait>();
    const findWait = ({ messageId, visibleAtMs }: InFlight): ShortenedWait | undefined => {
      const wait = shortened.get(messageId);
      return wait?.visibleAtMs === visibleAtMs ? wait : undefined;
    };
    const isCandidate = (message: InFlight): boolean => {
      const wait = findWait(message);
      if (wait?.speed !== speed) return true;
      current.set(message.messageId, wait);
      return false;
    };
    const choose: ChooseNextAt = (delivery) => {
      const speedBefore = findWait(delivery)?.speed ?? 1;
      const remainingMs = delivery.nextAtMs - now();
      const chosenMs =
        speedBefore === speed || remainingMs <= 0
          ? null
          : Math.round(now() + (remainingMs * speedBefore) / speed);
      current.set(delivery.messageId, { speed, visibleAtMs: chosenMs ?? delivery.visibleAtMs });
      return chosenMs;
    };
    const changed = await waitingDeliveries.reschedule(choose, isCandidate);
    for (const { recordId, destination, nextAtMs } of changed) {
      onRescheduled(recordId, destination, nextAtMs);
    }
    shortened = current;
  };
  let isRunning = false;
  const timer = setInterval(() => {
    const isRealTime = speed === 1 && [...shortened.values()].every((wait) => wait.speed === 1);
    if (isRunning || isRealTime) return;
    isRunning = true;
    void shortenWaits()
      .catch(onError)
      .finally(() => (isRunning = false));
  }, POLL_INTERVAL_MS);
  return {
    speed: () => speed,
    setSpeed(newSpeed) {
      speed = newSpeed;
    },
    stop: () => clearInterval(timer),
  };
}
