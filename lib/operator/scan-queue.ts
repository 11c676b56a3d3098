import { errorName } from '../error-name.ts';
import { createCounter } from './count.ts';
import type { Continuation, ScanReport, StopReason } from './scan-report.ts';

/** A message that was received: hidden from others until it is deleted, given back, or 30 minutes are over. */
export interface ReceivedMessage {
  readonly body: string;
  readonly handle: string;
  /** When the message was put on its queue. A redrive by SQS keeps the time of the first queue. */
  readonly sentAt: Date;
}

/** The queue that is scanned. */
export interface ScannedQueue {
  /** Receives up to ten messages, hidden for HIDDEN_MINUTES. None does not mean empty. */
  readonly receiveMessages: () => Promise<readonly ReceivedMessage[]>;
  /** Deletes up to ten messages. Returns the names of the errors, one for each that is not deleted. */
  readonly deleteMessages: (messages: readonly ReceivedMessage[]) => Promise<readonly Undeleted[]>;
}

/** A message that could not be deleted. */
export interface Undeleted {
  readonly handle: string;
  /** The name of the error. */
  readonly cause: string;
}

/** What to do with one message. */
export interface ScanDecision {
  /**
   * Does with it what was asked for; it is deleted when this resolves. Null keeps it. In a dry run it is not
   * called, and the message is kept.
   */
  readonly move: (() => Promise<void>) | null;
  /** Called when the message was moved, or is kept: for counts and for the log. */
  readonly done: () => void;
}

/** The dependencies of `scanSlice`. */
export interface ScanDeps {
  readonly queue: ScannedQueue;
  readonly decide: (message: ReceivedMessage) => ScanDecision;
  readonly now: () => Date;
  /** Milliseconds until the invocation ends. */
  readonly remainingMs: () => number;
}

/** Which slice of which run. */
export interface ScanOptions {
  /** What the slice before returned; null for the first one. */
  readonly continuation: Continuation | null;
  /** How many messages the whole run moves at most; null for all. */
  readonly limit: number | null;
  readonly dryRun: boolean;
}

/** How long a received message is hidden. */
export const HIDDEN_MINUTES = 30;
/** As many as one call gives. */
export const RECEIVE_BATCH_SIZE = 10;

/** A slice receives nothing more after this time, so that a call is short: clients give up a long one. */
const SLICE_MS = 20_000;
/** What the last messages of a slice may take: receiving, sending on and deleting them. */
const LAST_MESSAGES_MS = 15_000;
/** A receipt handle has about 400 bytes, and a response of Lambda 6 MB. */
const MAX_HELD_IN_SLICE = 5_000;
/** So many receive, and send on, at once. */
const LOOPS = 8;
/** One empty receive does not mean an empty queue: SQS may have asked a part of its servers. */
const EMPTY_RECEIVES_BEFORE_STOP = LOOPS;
/** More than a few failures have one cause, and all messages would meet it. */
const MAX_FAILED = 10;
/**
 * SQS hides about 120,000 messages of a queue at once and then gives no more, without an error (Amazon SQS
 * Developer Guide, "standard queue quotas"). Some may be hidden by others.
 */
const MAX_HELD_IN_RUN = 110_000;
/** Before the first of the messages that are kept come back, and would be counted twice. */
const MAX_RUN_MS = (HIDDEN_MINUTES - 5) * 60_000;

/**
 * Scans a part of a queue: it decides about each message that was there when the run began, and about none
 * that came later, because the run itself may have caused it. A message is deleted only after it was moved,
 * so a run can be stopped and repeated at any moment. What is kept stays hidden, so that the run does not
 * receive it again; its handles are returned, and whoever started the run gives them back at its end. Its
 * memory does not grow with the queue.
 * @returns the slice, with the reason why it ended, and what to continue with. Never rejects
 */
export async function scanSlice(
  { queue, decide, now, remainingMs }: ScanDeps,
  { continuation, limit, dryRun }: ScanOptions,
): Promise<ScanReport> {
  const before = continuation ?? { startedAt: now().toISOString(), moved: 0, failed: 0, held: 0 };
  const startedAtMs = Date.parse(before.startedAt);
  const sliceEndsAtMs = now().getTime() + SLICE_MS;
  const held: string[] = [];
  const causes = createCounter<{ readonly cause: string }>();
  let scanned = 0;
  let later = 0;
  let failed = 0;
  /** Moved, or on its way. */
  let moved = 0;
  let loopsReceiving = 0;
  let emptyReceives = 0;
  let isQueueFailing = false;

  const findStopReason = (): StopReason | null => {
    if (limit !== null && before.moved + moved >= limit) return 'limit';
    if (isQueueFailing || before.failed + failed >= MAX_FAILED) return 'error';
    if (emptyReceives >= EMPTY_RECEIVES_BEFORE_STOP) return 'empty';
    const maxHeld = held.length + (loopsReceiving + 1) * RECEIVE_BATCH_SIZE;
    if (before.held + maxHeld > MAX_HELD_IN_RUN) return 'hidden_limit';
    if (now().getTime() - startedAtMs >= MAX_RUN_MS) return 'hidden_limit';
    const hasTime = now().getTime() < sliceEndsAtMs && remainingMs() > LAST_MESSAGES_MS;
    return hasTime && maxHeld <= MAX_HELD_IN_SLICE ? null : 'slice';
  };
  const fail = ({ handle }: Pick<ReceivedMessage, 'handle'>, cause: string): void => {
    failed += 1;
    causes.add({ cause });
    held.push(handle);
  };

  /** Returns whether the message is to be deleted. */
  const processMessage = async (message: ReceivedMessage): Promise<boolean> => {
    let isReserved = false;
    try {
      const { move, done } = decide(message);
      if (move !== null && limit !== null && before.moved + moved >= limit) {
        held.push(message.handle);
        return false;
      }
      if (move !== null) {
        moved += 1;
        isReserved = true;
        if (!dryRun) await move();
      }
      scanned += 1;
      done();
      if (move !== null && !dryRun) return true;
      held.push(message.handle);
    } catch (error) {
      if (isReserved) moved -= 1;
      fail(message, toCause(error));
    }
    return false;
  };

  const receiveAndProcess = async (): Promise<void> => {
    const received = await queue.receiveMessages();
    if (received.length === 0) emptyReceives += 1;
    const past = received.filter(({ sentAt }) => sentAt.getTime() <= startedAtMs);
    if (past.length > 0) emptyReceives = 0;
    for (const message of received) {
      if (!past.includes(message)) held.push(message.handle);
    }
    later += received.length - past.length;
    const isDone = await Promise.all(past.map(processMessage));
    const toDelete = past.filter((_, index) => isDone[index]);
    if (toDelete.length === 0) return;
    for (const undeleted of await queue.deleteMessages(toDelete)) fail(undeleted, undeleted.cause);
  };

  const loop = async (): Promise<void> => {
    while (findStopReason() === null) {
      loopsReceiving += 1;
      try {
        await receiveAndProcess();
      } catch (error) {
        causes.add({ cause: toCause(error) });
        isQueueFailing = true;
      }
      loopsReceiving -= 1;
    }
  };
  await Promise.all(Array.from({ length: LOOPS }, loop));

  const stopReason = findStopReason() ?? 'slice';
  return {
    scanned,
    later,
    failed,
    failures: causes.read().groups,
    held,
    hiddenByOthers: 0,
    stopReason,
    continuation:
      stopReason === 'slice'
        ? {
            startedAt: before.startedAt,
            moved: before.moved + moved,
            failed: before.failed + failed,
            held: before.held + held.length,
          }
        : null,
  };
}

/** Returns what a report says of an error: the code of a network error, else the name. Never a message. */
export function toCause(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : errorName(error);
}
