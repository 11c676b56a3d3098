import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { type RowState, toDeliveryKey } from '../../deliveries/row.ts';
import { LOCAL_CREDENTIALS } from './create-resources.ts';
import { findDestinationQueues } from './destination-queues.ts';
import type { InFlightMessage } from './fauxqs-internals.ts';
import type { Services } from './services.ts';
import type { Stack } from './stack.ts';

/** A delivery that waits, hidden in the queue of its destination, for its next attempt. */
export interface WaitingDelivery {
  readonly messageId: string;
  readonly recordId: string;
  /** The id of the destination. */
  readonly destination: string;
  /** When the next attempt is due, in milliseconds since 1970. */
  readonly nextAtMs: number;
  /** When its message becomes visible. */
  readonly visibleAtMs: number;
}

/** Returns the new time of a delivery's next attempt, in milliseconds since 1970; null to leave it. */
export type ChooseNextAt = (delivery: WaitingDelivery) => number | null;

/** The deliveries that wait in all queues of destinations. */
export interface WaitingDeliveries {
  /**
   * Changes when deliveries are attempted next: in the row of each, and in the visibility of its message.
   * Deliveries that an invocation has at the moment are left out.
   * @param isCandidate which hidden messages to look at, by default all: the row of each is read
   * @returns the deliveries that were changed, with their new times
   */
  reschedule(
    choose: ChooseNextAt,
    isCandidate?: (message: InFlightMessage) => boolean,
  ): Promise<WaitingDelivery[]>;
  /** Lets every waiting delivery be attempted now. @returns how many there were */
  attemptNow(): Promise<number>;
  /** Closes the connections. */
  disconnect(): void;
}

/** The dependencies of `createWaitingDeliveries`. */
export interface WaitingDeliveriesDeps {
  readonly stack: Pick<Stack, 'functions' | 'queues' | 'tables' | 'region'>;
  readonly services: Pick<Services, 'endpoints' | 'listInFlight' | 'setVisibleAt'>;
  /** Whether an invocation has a message at the moment. */
  readonly isBeingProcessed: (messageId: string) => boolean;
  readonly now: () => number;
}

/** The logical id of the table. */
export const DELIVERIES_TABLE_ID = 'DeliveriesTable';
const WAITING: RowState = 'waiting';

/** What of a delivery message decides about its row. The rest is not read. */
const DeliveryMessageSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    destination: v.string(),
    record: v.object({
      id: v.string(),
      data: v.object({ receivedAt: v.string(), test: v.optional(v.boolean(), false) }),
    }),
  }),
);

/** Creates the view of the waiting deliveries. AWS has no such calls: there, time passes. */
export function createWaitingDeliveries(deps: WaitingDeliveriesDeps): WaitingDeliveries {
  const { services, isBeingProcessed, now } = deps;
  const queueNames = [...findDestinationQueues(deps.stack).values()].map(({ name }) => name);
  const TableName = deps.stack.tables.find(({ id }) => id === DELIVERIES_TABLE_ID)?.name;
  const client = new DynamoDBClient({
    endpoint: services.endpoints.dynamoEndpoint,
    region: deps.stack.region,
    credentials: LOCAL_CREDENTIALS,
  });

  const rescheduleMessage = async (
    queueName: string,
    message: InFlightMessage,
    choose: ChooseNextAt,
  ): Promise<WaitingDelivery | null> => {
    const parsed = v.safeParse(DeliveryMessageSchema, message.body);
    if (!parsed.success || TableName === undefined) return null;
    const { record, destination } = parsed.output;
    const { id } = toDeliveryKey(record, destination);
    const Key = { id: { S: id }, destination: { S: destination } };
    const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
    const nextAt = readNextAt(Item);
    const { messageId, visibleAtMs } = message;
    const nextAtMs = Math.max(visibleAtMs, Date.parse(nextAt ?? '') || 0);
    const delivery = { messageId, recordId: record.id, destination, nextAtMs, visibleAtMs };
    const chosenMs = choose(delivery);
    if (chosenMs === null || isBeingProcessed(messageId)) return null;
    if (nextAt !== null) {
      const update = new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'SET nextAt = :chosen',
        // only if the row is still as it was read
        ConditionExpression: '#state = :waiting AND nextAt = :read',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':chosen': { S: new Date(chosenMs).toISOString() },
          ':waiting': { S: WAITING },
          ':read': { S: nextAt },
        },
      });
      if (!(await isAccepted(client, update))) return null;
    }
    services.setVisibleAt(queueName, message, chosenMs);
    return { ...delivery, nextAtMs: chosenMs, visibleAtMs: chosenMs };
  };

  const reschedule: WaitingDeliveries['reschedule'] = async (choose, isCandidate = () => true) => {
    const changed: WaitingDelivery[] = [];
    for (const queueName of queueNames) {
      for (const message of services.listInFlight(queueName)) {
        if (isBeingProcessed(message.messageId) || !isCandidate(message)) continue;
        const delivery = await rescheduleMessage(queueName, message, choose);
        if (delivery !== null) changed.push(delivery);
      }
    }
    return changed;
  };
  return {
    reschedule,
    attemptNow: async () => (await reschedule(now)).length,
    disconnect: () => client.destroy(),
  };
}

/** Returns when the row of a waiting delivery is due; null for any other row, or for none. */
function readNextAt(row: Record<string, AttributeValue> | undefined): string | null {
  return row?.['state']?.S === WAITING ? (row['nextAt']?.S ?? null) : null;
}

async function isAccepted(client: DynamoDBClient, command: UpdateItemCommand): Promise<boolean> {
  try {
    await client.send(command);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
