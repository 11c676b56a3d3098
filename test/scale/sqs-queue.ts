import { ASSUMPTIONS } from './assumptions.ts';
import { createHeap, type VirtualClock, type VirtualTimer } from './virtual-clock.ts';

/** The attributes of a queue. */
export interface QueueAttributes {
  readonly name: string;
  readonly visibilitySeconds: number;
  /** After that many receives a message is moved to the queue of dead letters. */
  readonly maxReceiveCount: number;
}

/** A message on the queue. */
export interface SqsMessage {
  /** Its place in the order of sending, from 0. */
  readonly index: number;
  readonly sentAtMs: number;
  /** A function where many messages would not fit into memory. */
  readonly body: string | (() => string);
  receives: number;
  firstReceivedAtMs: number;
  receivedAtMs: number;
  isInFlight: boolean;
  isDeleted: boolean;
  timer: VirtualTimer | null;
}

/** What a receive returns of one message. */
export interface Received {
  readonly message: SqsMessage;
  readonly receiptHandle: string;
}

/** Many messages that are sent together, and whose bodies are made when they are received. */
export interface SentTogether {
  readonly count: number;
  /** Gets the place of the message among them. */
  readonly body: (place: number) => string;
}

/** What happened on a queue. */
export interface QueueCounts {
  sent: number;
  received: number;
  deleted: number;
  /** Moved after maxReceiveCount, and deleted by SQS because of their age. */
  redriven: number;
  expired: number;
  /** The most messages in flight at once, and receives that were refused because of them. */
  maxInFlight: number;
  overLimit: number;
  /** The most receives of one message that was deleted or is still there. */
  maxReceives: number;
}

/** The errors of SQS that the model knows. */
export class SqsError extends Error {
  override readonly name: 'InvalidParameterValue' | 'MessageNotInflight' | 'QueueDoesNotExist';
  constructor(name: SqsError['name']) {
    super(name);
    this.name = name;
  }
}

/** A standard queue of SQS: oldest first, visibility timeouts, counted receives, one receipt a receive. */
export interface SqsQueue {
  readonly attributes: QueueAttributes;
  readonly counts: QueueCounts;
  readonly send: (body: string, delaySeconds?: number) => void;
  readonly sendMany: (messages: SentTogether) => void;
  readonly receive: (max: number) => Received[];
  /** A receipt of an earlier receive changes nothing. Returns whether the message was deleted. */
  readonly delete: (receiptHandle: string) => boolean;
  /** @throws SqsError */
  readonly changeVisibility: (receiptHandle: string, seconds: number) => void;
  /** Whether a receive would return something. */
  readonly hasVisible: () => boolean;
  /** Calls a function once, when there is something to receive. */
  readonly onceVisible: (listener: () => void) => void;
  /** Neither deleted nor expired nor redriven. */
  readonly size: () => number;
  readonly inFlight: () => number;
}

const DAY_MS = 86_400_000;

/** Creates an empty queue. `onRedrive` gets the body of a message that was received too often. */
export function createSqsQueue(
  clock: VirtualClock,
  attributes: QueueAttributes,
  onRedrive: (body: string) => void = () => {},
): SqsQueue {
  const counts: QueueCounts = {
    sent: 0,
    received: 0,
    deleted: 0,
    redriven: 0,
    expired: 0,
    maxInFlight: 0,
    overLimit: 0,
    maxReceives: 0,
  };
  /** What was never received, in the order of sending: the rest of each group that was sent together. */
  const fresh: { firstIndex: number; next: number; sentAtMs: number; group: SentTogether }[] = [];
  let freshHead = 0;
  const returned = createHeap<SqsMessage>((one, other) => one.index < other.index);
  const inFlight = new Map<number, SqsMessage>();
  let listeners: (() => void)[] = [];
  let size = 0;

  const wake = (): void => {
    const woken = listeners;
    listeners = [];
    for (const listener of woken) listener();
  };
  const sendMany = (group: SentTogether): void => {
    if (group.count === 0) return;
    fresh.push({ firstIndex: counts.sent, next: 0, sentAtMs: clock.nowMs(), group });
    counts.sent += group.count;
    size += group.count;
    wake();
  };
  const peekFresh = (): (typeof fresh)[number] | undefined => {
    let group = fresh[freshHead];
    while (group !== undefined && group.next >= group.group.count) {
      freshHead += 1;
      if (freshHead > 1_000 && freshHead > fresh.length / 2) {
        fresh.splice(0, freshHead);
        freshHead = 0;
      }
      group = fresh[freshHead];
    }
    return group;
  };
  /** The oldest message that is visible, taken out of what is visible. */
  const takeOldest = (): SqsMessage | undefined => {
    const group = peekFresh();
    const back = returned.peek();
    if (back !== undefined && (group === undefined || back.index < group.firstIndex + group.next)) {
      return returned.pop();
    }
    if (group === undefined) return undefined;
    const place = group.next;
    group.next += 1;
    const { body } = group.group;
    return {
      index: group.firstIndex + place,
      sentAtMs: group.sentAtMs,
      body: group.group.count === 1 ? body(place) : () => body(place),
      receives: 0,
      firstReceivedAtMs: 0,
      receivedAtMs: 0,
      isInFlight: false,
      isDeleted: false,
      timer: null,
    };
  };
  const hideUntil = (message: SqsMessage, atMs: number): void => {
    if (message.timer !== null) clock.cancel(message.timer);
    message.timer = clock.at(atMs, () => {
      message.timer = null;
      message.isInFlight = false;
      inFlight.delete(message.index);
      returned.push(message);
      wake();
    });
  };
  const findByReceipt = (receiptHandle: string): SqsMessage | undefined => {
    const [index, receives] = receiptHandle.split('-');
    const message = inFlight.get(Number(index));
    return message?.receives === Number(receives) ? message : undefined;
  };

  return {
    attributes,
    counts,
    size: () => size,
    inFlight: () => inFlight.size,
    sendMany,
    send(body, delaySeconds = 0) {
      const sendNow = (): void => sendMany({ count: 1, body: () => body });
      if (delaySeconds === 0) sendNow();
      else clock.at(clock.nowMs() + delaySeconds * 1_000, sendNow);
    },
    receive(max) {
      const batch: Received[] = [];
      while (batch.length < Math.min(max, ASSUMPTIONS.receiveMaxMessages.value)) {
        if (inFlight.size >= ASSUMPTIONS.inFlightLimit.value) {
          counts.overLimit += 1;
          break;
        }
        const message = takeOldest();
        if (message === undefined) break;
        const nowMs = clock.nowMs();
        if (nowMs - message.sentAtMs > ASSUMPTIONS.retentionDays.value * DAY_MS) {
          counts.expired += 1;
          size -= 1;
          continue;
        }
        if (message.receives >= attributes.maxReceiveCount) {
          counts.redriven += 1;
          size -= 1;
          onRedrive(readBody(message));
          continue;
        }
        message.receives += 1;
        message.receivedAtMs = nowMs;
        if (message.receives === 1) message.firstReceivedAtMs = nowMs;
        message.isInFlight = true;
        inFlight.set(message.index, message);
        hideUntil(message, nowMs + attributes.visibilitySeconds * 1_000);
        counts.received += 1;
        counts.maxInFlight = Math.max(counts.maxInFlight, inFlight.size);
        counts.maxReceives = Math.max(counts.maxReceives, message.receives);
        batch.push({ message, receiptHandle: `${message.index}-${message.receives}` });
      }
      return batch;
    },
    delete(receiptHandle) {
      const message = findByReceipt(receiptHandle);
      if (message === undefined) return false;
      if (message.timer !== null) clock.cancel(message.timer);
      message.timer = null;
      message.isDeleted = true;
      inFlight.delete(message.index);
      size -= 1;
      counts.deleted += 1;
      return true;
    },
    changeVisibility(receiptHandle, seconds) {
      const message = findByReceipt(receiptHandle);
      if (message === undefined) throw new SqsError('MessageNotInflight');
      const untilMs = clock.nowMs() + seconds * 1_000;
      const maxMs = ASSUMPTIONS.maxVisibilityHours.value * 3_600_000;
      if (!Number.isInteger(seconds) || seconds < 0 || untilMs > message.receivedAtMs + maxMs) {
        throw new SqsError('InvalidParameterValue');
      }
      hideUntil(message, untilMs);
    },
    hasVisible: () => returned.peek() !== undefined || peekFresh() !== undefined,
    onceVisible(listener) {
      listeners.push(listener);
    },
  };
}

/** The body of a message. */
export function readBody({ body }: Pick<SqsMessage, 'body'>): string {
  return typeof body === 'string' ? body : body();
}
