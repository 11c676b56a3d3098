import { NO_INDEX } from '../support/delivery-index.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import {
  type DeliverMany,
  type Destination,
  withDefaults,
} from '../../lib/destinations/destination.ts';
import { toOutcome } from '../../lib/destinations/http-outcome.ts';
import { type DeliveryOutcome, retry } from '../../lib/destinations/outcome.ts';
import { type Batch, type Limit, toQueueSettings } from '../../lib/destinations/queue-settings.ts';
import type { Wait } from '../../lib/fan-out/attempt.ts';
import { createFanOut } from '../../lib/fan-out/fan-out.ts';
import { createFanOutQueues } from '../../lib/fan-out/queues.ts';
import { RETRY_SCHEDULE } from '../../lib/fan-out/retry-schedule.ts';
import { toQueueEvent, toQueueResource } from '../../lib/stack/destination-resources.ts';
import type { ErrorCode } from '../../lib/telemetry/error-codes.ts';
import type { Telemetry } from '../../lib/telemetry/telemetry.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { createTable, type Table } from './dynamodb.ts';
import { type EventSource, type EventSourceSettings, startEventSource } from './event-source.ts';
import { createLambdaFunction, type Environment, type LambdaFunction } from './lambda.ts';
import { createRandom } from './random.ts';
import { createReceiver, type Receiver, type ReceiverBehaviour } from './receiver.ts';
import { createSqsService, type SqsService } from './sqs-client.ts';
import { createSqsQueue, type QueueAttributes, type SqsQueue } from './sqs-queue.ts';
import { ASSUMPTIONS } from './assumptions.ts';
import { createVirtualClock, installVirtualTimers, type VirtualClock } from './virtual-clock.ts';

/** One destination with its receiver. */
export interface ModelledDestination {
  readonly id: string;
  /** The limit that its declaration has; none by default. */
  readonly limit?: Partial<Limit>;
  /** How many records share a request; one by default. */
  readonly batch?: Batch;
  readonly receiver: ReceiverBehaviour;
  /** Whether attempting that record ends the process of its execution environment. */
  readonly isPoison?: (place: number) => boolean;
  /** Whether its queue exists; true by default. */
  readonly hasQueue?: boolean;
}

/** What is modelled. */
export interface WorldSettings {
  readonly seed: number;
  readonly destinations: readonly ModelledDestination[];
  /** How many records there are, numbered from 0. */
  readonly records: number;
  /** When the voucher of a record expires; by default long after everything. */
  readonly expiresAt?: (place: number) => string;
}

/** A destination with what belongs to it in the world. */
export interface Lane {
  readonly id: string;
  readonly queue: SqsQueue;
  readonly source: EventSource;
  readonly receiver: Receiver;
}

/** The whole world: queues, mappings, one function, the table and the receivers. */
export interface World {
  readonly clock: VirtualClock;
  readonly startMs: number;
  readonly records: SqsQueue;
  readonly recordsSource: EventSource;
  readonly lanes: readonly Lane[];
  readonly fanOut: LambdaFunction;
  readonly table: Table;
  readonly sqs: SqsService;
  /** How many dead letters there are for each reason; `redriven` are those that SQS moved. */
  readonly deadLetters: ReadonlyMap<string, number>;
  readonly errors: ReadonlyMap<ErrorCode, number>;
  /** Puts records on [records], to be routed. */
  readonly send: (firstPlace: number, count: number) => void;
  /** Puts deliveries on the queue of a destination, as routing would. */
  readonly sendRouted: (lane: Lane, count: number) => void;
  /** Whether no message is left but dead letters. */
  readonly isDrained: () => boolean;
  /** Lets time pass until all is drained, or until the time is over. */
  readonly runUntil: (isDone: () => boolean, maxMs: number) => Promise<void>;
}

const START_MS = Date.parse('2026-03-05T09:15:04.000Z');
const EXPIRES_AT = '2027-01-31T23:00:00.000Z';
const QUEUE_PREFIX = 'voucher-relay-prod-to-';
const ACCOUNT_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/';
const DEAD_LETTERS = 'voucher-relay-prod-dead-letters';
/** Of [records], in serverless.yml. */
const VISIBILITY_SECONDS = 360;
const MAX_RECEIVES = 1_000;

/** Creates the world, at rest. Nothing happens before `runUntil`. */
export function createWorld(settings: WorldSettings): World {
  const clock = createVirtualClock(START_MS);
  const random = createRandom(settings.seed);
  const deadLetters = new Map<string, number>();
  const errors = new Map<ErrorCode, number>();
  const count = <Key>(map: Map<Key, number>, key: Key): void =>
    void map.set(key, (map.get(key) ?? 0) + 1);
  const bodies = createBodies(settings.expiresAt ?? (() => EXPIRES_AT));
  const table = createTable();
  const redrive = (): void => count(deadLetters, 'redriven');
  const createQueue = (attributes: QueueAttributes): SqsQueue =>
    createSqsQueue(clock, attributes, redrive);
  const ofServerlessYml = { visibilitySeconds: VISIBILITY_SECONDS, maxReceiveCount: MAX_RECEIVES };
  const records = createQueue({ name: 'voucher-relay-prod-records', ...ofServerlessYml });
  const deadLettersQueue = createQueue({ name: DEAD_LETTERS, ...ofServerlessYml });
  const countDeadLetters = async (): Promise<void> => {
    for (;;) {
      await new Promise<void>((resolve) => deadLettersQueue.onceVisible(resolve));
      for (
        let batch = deadLettersQueue.receive(10);
        batch.length > 0;
        batch = deadLettersQueue.receive(10)
      ) {
        for (const { message, receiptHandle } of batch) {
          const body = typeof message.body === 'string' ? message.body : message.body();
          count(deadLetters, (JSON.parse(body) as { reason: string }).reason);
          deadLettersQueue.delete(receiptHandle);
        }
      }
    }
  };
  void countDeadLetters();

  const parts = settings.destinations.map((modelled) => {
    const { attributes, mapping } = toResources(modelled);
    const queue = createQueue(attributes);
    const receiver = createReceiver(clock, random, modelled.receiver, settings.records);
    return { modelled, mapping, queue, receiver };
  });
  const sqs = createSqsService([
    records,
    deadLettersQueue,
    ...parts.filter(({ modelled }) => modelled.hasQueue !== false).map(({ queue }) => queue),
  ]);
  const fanOut = createLambdaFunction({
    clock,
    random,
    createHandler(environment) {
      const wait: Wait = (ms, signal) => environment.wait(ms, signal);
      return createFanOut({
        queues: createFanOutQueues(sqs.createClient(environment), {
          RECORDS_QUEUE_URL: `${ACCOUNT_URL}voucher-relay-prod-records`,
          DESTINATION_QUEUES_URL: ACCOUNT_URL + QUEUE_PREFIX,
          DEAD_LETTERS_QUEUE_URL: ACCOUNT_URL + DEAD_LETTERS,
        }),
        deliveries: createDeliveriesTable({
          client: table.createClient(environment),
          tableName: 'deliveries',
          historyDays: 90,
          now: clock.now,
          random,
          wait,
        }),
        index: NO_INDEX,
        destinations: parts.map(({ modelled, receiver }) =>
          toDestination(modelled, receiver, environment),
        ),
        schedule: RETRY_SCHEDULE,
        telemetry: createTelemetry(environment, (code) => count(errors, code)),
        now: clock.now,
        random,
        wait,
      });
    },
  });
  const toArn = (queue: SqsQueue): string =>
    `arn:aws:sqs:us-east-1:000000000000:${queue.attributes.name}`;
  const recordsSource = startEventSource(
    { clock, queue: records, fanOut, onDeleted: () => {} },
    {
      queueArn: toArn(records),
      maximumConcurrency: ASSUMPTIONS.recordsConcurrency.value,
      batchSize: 10,
      batchWindowSeconds: 0,
    },
  );
  const lanes = parts.map(({ modelled: { id }, mapping, queue, receiver }): Lane => {
    const source = startEventSource(
      {
        clock,
        queue,
        fanOut,
        onDeleted: ({ message }) => {
          const body = typeof message.body === 'string' ? message.body : message.body();
          table.drop(findRecordId(body), id);
        },
      },
      { queueArn: toArn(queue), ...mapping },
    );
    return { id, queue, source, receiver };
  });

  return {
    clock,
    startMs: START_MS,
    records,
    recordsSource,
    lanes,
    fanOut,
    table,
    sqs,
    deadLetters,
    errors,
    send: (firstPlace, number) =>
      records.sendMany({ count: number, body: (place) => bodies.toRecord(firstPlace + place) }),
    sendRouted({ id, queue }, number) {
      const requestedAt = clock.now().toISOString();
      const body = (place: number): string => bodies.toDelivery(place, id, requestedAt);
      queue.sendMany({ count: number, body });
    },
    isDrained: () => records.size() === 0 && lanes.every(({ queue }) => queue.size() === 0),
    async runUntil(isDone, maxMs) {
      const restore = installVirtualTimers(clock);
      const endMs = clock.nowMs() + maxMs;
      // time goes on until the end even when nothing happens before it
      const end = clock.at(endMs, () => {});
      try {
        await clock.run(() => isDone() || clock.nowMs() >= endMs);
      } finally {
        clock.cancel(end);
        restore();
      }
    },
  };
}

/** Counts the errors of an environment, until it ends. */
function createTelemetry(environment: Environment, onError: (code: ErrorCode) => void): Telemetry {
  const report = (name: string | symbol) => (entry: { code: ErrorCode }) => {
    if (name === 'error' && environment.isAlive()) onError(entry.code);
  };
  return new Proxy({}, { get: (_, name) => report(name) }) as Telemetry;
}

/** The queue and the mapping of a destination, as the stack declares them. */
function toResources(modelled: ModelledDestination): {
  readonly attributes: QueueAttributes;
  readonly mapping: Omit<EventSourceSettings, 'queueArn'>;
} {
  const { name, id, limit, batch } = toPolicy(modelled);
  const planned = {
    name,
    id,
    limit,
    settings: toQueueSettings(limit, batch),
    logicalId: 'Destination',
    queueId: 'DestinationQueue',
    queueName: QUEUE_PREFIX + id,
    needs: [],
  };
  const { Properties: queue } = toQueueResource(planned, 'Retain') as QueueResource;
  const { sqs: event } = toQueueEvent(planned) as QueueEvent;
  return {
    attributes: {
      name: queue.QueueName,
      visibilitySeconds: queue.VisibilityTimeout,
      maxReceiveCount: queue.RedrivePolicy.maxReceiveCount,
    },
    mapping: {
      maximumConcurrency: event.maximumConcurrency,
      batchSize: event.batchSize,
      batchWindowSeconds: event.maximumBatchingWindow,
    },
  };
}

interface QueueResource {
  readonly Properties: {
    readonly QueueName: string;
    readonly VisibilityTimeout: number;
    readonly RedrivePolicy: { readonly maxReceiveCount: number };
  };
}

interface QueueEvent {
  readonly sqs: {
    readonly maximumConcurrency: number;
    readonly batchSize: number;
    readonly maximumBatchingWindow: number;
  };
}

function toPolicy({ id, limit, batch }: ModelledDestination): ReturnType<typeof withDefaults> {
  return withDefaults({ name: id, ...(limit && { limit }), ...(batch && { batch }) });
}

/** What one HTTP request costs the processor; test/bench measures 0.08 ms of a whole core. */
const REQUEST_CPU_MS = 0.3;
/** What one more record in a request costs: about 2 KB of JSON are written and signed. */
const RECORD_CPU_MS = 0.05;

function toDestination(
  modelled: ModelledDestination,
  receiver: Receiver,
  environment: Environment,
): Destination {
  const deliverMany: DeliverMany = async (records, { now, signal }) => {
    const places = records.map(({ id }) => Number(id.slice(ID_PREFIX.length)));
    const ofAll = (request: DeliveryOutcome) => ({ request, records: records.map(() => null) });
    if (places.some((place) => modelled.isPoison?.(place) === true)) {
      environment.crash();
      return new Promise<never>(() => {});
    }
    const { hangs } = receiver.behaviour;
    if (hangs !== 'no') {
      const aborted = Promise.withResolvers<void>();
      if (hangs === 'until_timeout') {
        signal.addEventListener('abort', () => aborted.resolve(), { once: true });
      }
      await aborted.promise;
      return ofAll(retry('timeout', { maybeDelivered: true }));
    }
    const cpuMs = REQUEST_CPU_MS + RECORD_CPU_MS * (records.length - 1);
    const result = await environment.call(cpuMs, receiver.drawLatencyMs(), () =>
      receiver.handle(...places),
    );
    return ofAll(toOutcome(result, now));
  };
  return {
    ...toPolicy(modelled),
    onNoResponse: 'retry',
    deliver: async (record, context) => (await deliverMany([record], context)).request,
    ...(modelled.batch && { deliverMany }),
  };
}

const ID_PREFIX = 'whs_';
const ID_MARK = 'ID-OF-THE-RECORD';
const EXPIRY_MARK = '2026-12-24T00:00:00.000Z';

/** Writes the bodies of messages: one record for all, with another id and expiry in each. */
function createBodies(expiresAt: (place: number) => string) {
  const text = JSON.stringify(
    aRecord({ id: ID_MARK, data: { voucher: aVoucher({ expiresAt: EXPIRY_MARK }) } }),
  );
  const [beforeId = '', rest = ''] = text.split(ID_MARK);
  const [beforeExpiry = '', after = ''] = rest.split(EXPIRY_MARK);
  const toRecord = (place: number): string =>
    `${beforeId}${ID_PREFIX}${place}${beforeExpiry}${expiresAt(place)}${after}`;
  return {
    toRecord,
    toDelivery: (place: number, destination: string, requestedAt: string): string =>
      `{"destination":"${destination}","record":${toRecord(place)},"requestedAt":"${requestedAt}"}`,
  };
}

function findRecordId(body: string): string {
  return /"id":"(whs_\d+)"/.exec(body)?.[1] ?? '';
}
