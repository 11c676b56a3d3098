import type { DeliveryMessage } from '../../lib/fan-out/queue-messages.ts';
import type { QueueCommandDeps } from '../../lib/operator/queue-commands.ts';
import { createOperator, type OperatorDeps } from '../../lib/operator/operator.ts';
import { type QueueCommand, type RunDeps, runToEnd } from '../../lib/operator/run-to-end.ts';
import { aContext } from './lambda.ts';
import { createMemoryQueue, type MemoryQueue, type WaitingMessage } from './memory-queue.ts';
import { recordingTelemetry } from './recording-telemetry.ts';

/** When the runs of these tests begin. */
export const STARTED_AT = new Date('2026-03-06T08:00:00.000Z');

const fail = (): never => {
  throw new Error('A test of queues asks for nothing else');
};
/** The parts of the operator's function that no request about a queue calls. */
export const QUEUES_ONLY: Omit<OperatorDeps, keyof QueueCommandDeps> = {
  finder: { byRecord: fail, byCustomer: fail, byCode: fail, byDestination: fail },
  release: { preview: fail, release: fail },
  erase: fail,
  stage: { status: fail, check: fail },
  reconcile: fail,
  reconcileDaily: fail,
};

/** An operator's function over queues in memory, whose requests and responses pass as JSON. */
export function createTestOperator(
  messages: readonly (WaitingMessage | object | string)[],
  from: 'dead-letters' | 'quarantine' = 'dead-letters',
  changes: Partial<OperatorDeps> = {},
) {
  const queue = createMemoryQueue(messages.map(toWaiting));
  const deliveries: DeliveryMessage[] = [];
  const records: unknown[] = [];
  const indexed: string[] = [];
  const telemetry = recordingTelemetry();
  const queues: { readonly [Name in 'dead-letters' | 'quarantine']: MemoryQueue } = {
    'dead-letters': createMemoryQueue(),
    quarantine: createMemoryQueue(),
    [from]: queue,
  };
  const operate = createOperator({
    ...QUEUES_ONLY,
    queues,
    enqueueRecord: async (body) => void records.push(JSON.parse(body)),
    enqueueDelivery: async (delivery) => void deliveries.push(delivery),
    indexDelivery: async (record, destination) => void indexed.push(`${record.id} ${destination}`),
    normalise: { currency: null, maxWebhookAgeDays: null, mappings: new Map() },
    telemetry,
    now: () => STARTED_AT,
    ...changes,
  });
  const invoke = async (request: unknown): Promise<unknown> => {
    const event: unknown = JSON.parse(JSON.stringify(request));
    return JSON.parse(JSON.stringify(await operate(event, aContext()))) as unknown;
  };
  return {
    queue,
    deliveries,
    records,
    /** What was added to the index: record and destination. */
    indexed,
    telemetry,
    invoke,
    /** Runs a request to its end. */
    run: (
      request: { readonly command: QueueCommand['command']; readonly [key: string]: unknown },
      deps: Partial<RunDeps> = {},
    ) => runToEnd({ invoke, ...deps }, { ...request, from }),
  };
}

function toWaiting(message: WaitingMessage | object | string): WaitingMessage {
  if (typeof message === 'string') return { body: message, sentAt: STARTED_AT };
  if ('sentAt' in message) return message;
  return { body: JSON.stringify(message), sentAt: STARTED_AT };
}
