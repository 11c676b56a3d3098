import type { Continuation, ScanReport } from '../../lib/operator/scan-report.ts';
import type { ReceivedMessage } from '../../lib/operator/scan-queue.ts';
import type { OperatorQueue } from '../../lib/operator/sqs-queue.ts';

/** What waits on a queue in memory. */
export interface WaitingMessage {
  readonly body: string;
  readonly sentAt: Date;
}

/** A queue in memory: what was received is hidden until it is deleted or given back. */
export interface MemoryQueue extends OperatorQueue {
  readonly put: (message: WaitingMessage) => void;
  /** The bodies of all messages, also of hidden ones, in the order in which they were put. */
  readonly bodies: () => string[];
  readonly hiddenBodies: () => string[];
  readonly unhideAll: () => void;
}

/** Creates a queue in memory; a handle is a number, which a redelivery changes. */
export function createMemoryQueue(messages: readonly WaitingMessage[] = []): MemoryQueue {
  const waiting: { readonly message: WaitingMessage; handle: string | null }[] = [];
  let handles = 0;
  const put = (message: WaitingMessage): void => void waiting.push({ message, handle: null });
  for (const message of messages) put(message);
  return {
    put,
    bodies: () => waiting.map(({ message }) => message.body),
    hiddenBodies: () =>
      waiting.filter(({ handle }) => handle !== null).map(({ message }) => message.body),
    unhideAll() {
      for (const each of waiting) each.handle = null;
    },
    async receiveMessages() {
      const received: ReceivedMessage[] = [];
      for (const each of waiting) {
        if (each.handle !== null || received.length === 10) continue;
        each.handle = `handle ${(handles += 1)}`;
        received.push({ ...each.message, handle: each.handle });
      }
      return received;
    },
    countHidden: async () => waiting.filter(({ handle }) => handle !== null).length,
    async deleteMessages(deleted) {
      for (const { handle } of deleted) {
        const index = waiting.findIndex((each) => each.handle === handle);
        if (index !== -1) waiting.splice(index, 1);
      }
      return [];
    },
    async unhide(given) {
      const found = waiting.filter(({ handle }) => handle !== null && given.includes(handle));
      for (const each of found) each.handle = null;
      return found.length;
    },
  };
}

/** Runs slices until the run is over. */
export async function scanToEnd(
  scan: (continuation: Continuation | null) => Promise<ScanReport>,
): Promise<readonly ScanReport[]> {
  const slices = [await scan(null)];
  for (;;) {
    const continuation = slices.at(-1)?.continuation ?? null;
    if (continuation === null) return slices;
    slices.push(await scan(continuation));
  }
}
