import type { SQSRecord } from 'aws-lambda';
import type { Holder } from '../deliveries/deliveries.ts';
import type { Destination } from '../destinations/destination.ts';
import { errorName } from '../error-name.ts';
import type { Delivery, HeldRows } from './delivery.ts';
import type { FollowUpDeps, Settled } from './follow-up.ts';
import { giveUpInvalid } from './give-up-invalid.ts';
import { parseMessage, toDelivery } from './queue-messages.ts';

/** One invocation of the function. */
export interface Invocation {
  readonly requestId: string;
  /** Milliseconds until it ends. */
  readonly remainingMs: () => number;
}

/** A message of the batch with its delivery. */
export interface Item {
  readonly message: SQSRecord;
  readonly delivery: Delivery;
  readonly holder: Holder;
  /** Its rows, once they were taken. */
  readonly held?: HeldRows;
}

/** The dependencies of `parseBatch`. */
export type ParseDeps = Pick<FollowUpDeps, 'sendDeadLetter' | 'telemetry' | 'now'>;

/**
 * Parses the messages of a batch. One that is no delivery to this destination becomes a dead letter. A dead
 * letter of this destination that somebody moved back to its queue is a delivery that is asked for anew.
 * @param settle called for each message that can be deleted
 * @returns the deliveries; a message whose dead letter cannot be stored stays on its queue
 */
export async function parseBatch(
  deps: ParseDeps,
  destination: Destination,
  messages: readonly SQSRecord[],
  invocation: Invocation,
  settle: (message: SQSRecord, settled: Settled) => void,
): Promise<readonly Item[]> {
  const parsed = await Promise.all(
    messages.map(async (message, index): Promise<Item[]> => {
      const body = parseMessage(message.body);
      const sentAt = new Date(Number(message.attributes.SentTimestamp));
      const request = toDelivery(body, sentAt);
      if (request?.destination === destination.id) {
        const { record, requestedAt } = request;
        const times = { requestedAt };
        const receives = Number(message.attributes.ApproximateReceiveCount);
        const holder = {
          token: toToken(invocation, index),
          remainingMs: invocation.remainingMs,
        };
        return [{ message, delivery: { record, destination, times, sentAt, receives }, holder }];
      }
      const otherIssue = request ? 'destination: is that of another queue' : 'is no delivery';
      const issues = body.kind === 'invalid' ? body.issues : [otherIssue];
      try {
        await giveUpInvalid(deps, message, issues);
        settle(message, { kind: 'ack' });
      } catch (error) {
        const cause = errorName(error);
        deps.telemetry.error({ code: 'message_failed', id: message.messageId, cause });
      }
      return [];
    }),
  );
  return parsed.flat();
}

/**
 * The token of a message: the same for every call about it in this invocation, and for nothing else. The
 * id of the SQS message is not enough: a standard queue may hand out a message again while it is hidden
 * (Amazon SQS Developer Guide, "At-least-once delivery"), so two invocations, or two places of one batch,
 * can have it at once, and the second one must not take the first one's hold for its own.
 */
function toToken({ requestId }: Invocation, index: number): string {
  return `${requestId}#${index}`;
}
