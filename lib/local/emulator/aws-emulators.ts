import { once } from 'node:events';
import dynalite from 'dynalite';
import { buildApp } from 'fauxqs';
import { enforceSqsLimits } from './sqs-limits/hook.ts';
import { parseAwsCall, type OnAwsCall, observeCalls } from './aws-call-log.ts';
import {
  allowAstralCharacters,
  createStores,
  type InFlightMessage,
  keepGroupIds,
  listInFlightMessages,
  listQueuedMessages,
  observeSentMessages,
  type QueuedMessage,
  type SentMessage,
  setVisibleAt,
} from './fauxqs-internals.ts';
import { cacheParsedConditions } from './dynalite-internals.ts';
import { getPort, LOOPBACK } from './http/loopback-server.ts';
import { LOCAL_REGION } from './local-addresses.ts';

const CLOSE_IDLE_INTERVAL_MS = 5;
const CLOSE_TIMEOUT_MS = 500;

/** Running emulators of SQS, SNS (on the same port as SQS) and DynamoDB, empty at first. */
export interface AwsEmulators {
  readonly sqsEndpoint: string;
  readonly dynamoEndpoint: string;
  /** The messages in flight of a queue, by the queue's name. */
  listInFlight(queueName: string): InFlightMessage[];
  /** All messages of a queue, by the queue's name. */
  listQueued(queueName: string): QueuedMessage[];
  /** Changes when a message in flight becomes visible, unless it was received or hidden again meanwhile. */
  setVisibleAt(queueName: string, message: InFlightMessage, visibleAtMs: number): void;
  /** Stops both, without waiting for clients that keep connections open. Can be called again. */
  stop(): Promise<void>;
}

/**
 * Starts the emulators on free ports of the loopback interface. They keep everything in memory, accept
 * any credentials, and reject what AWS rejects.
 * @param region the region of the resources' ARNs
 * @param onCall receives every call
 * @param onMessageSent receives every message that a queue has accepted
 */
export async function startAwsEmulators(
  region: string = LOCAL_REGION,
  onCall: OnAwsCall = () => {},
  onMessageSent: (message: SentMessage) => void = () => {},
): Promise<AwsEmulators> {
  await allowAstralCharacters();
  const stores = await createStores();
  const sqs = buildApp({ logger: false, defaultRegion: region, stores });
  sqs.addHook('preHandler', async ({ headers, body }) => {
    const call = parseAwsCall(headers, body);
    if (call !== null) onCall(call);
  });
  enforceSqsLimits(sqs, () => Date.now());
  await keepGroupIds(sqs);
  observeSentMessages(sqs, onMessageSent);
  cacheParsedConditions();
  const dynamo = dynalite({ createTableMs: 0 });
  observeCalls(dynamo, onCall);
  await sqs.listen({ port: 0, host: LOOPBACK });
  dynamo.listen(0, LOOPBACK);
  await once(dynamo, 'listening');

  const stopOnce = async (): Promise<void> => {
    const dynamoClosed = once(dynamo, 'close');
    dynamo.close();
    // running requests may finish first: dynalite throws when it writes to a closed connection
    const closeIdle = setInterval(() => dynamo.closeIdleConnections(), CLOSE_IDLE_INTERVAL_MS);
    const closeAll = setTimeout(() => dynamo.closeAllConnections(), CLOSE_TIMEOUT_MS);
    await Promise.all([sqs.close(), dynamoClosed]);
    clearInterval(closeIdle);
    clearTimeout(closeAll);
  };
  let stopping: Promise<void> | null = null;
  return {
    sqsEndpoint: `http://${LOOPBACK}:${getPort(sqs.server)}`,
    dynamoEndpoint: `http://${LOOPBACK}:${getPort(dynamo)}`,
    listInFlight: (queueName) => listInFlightMessages(stores, queueName),
    listQueued: (queueName) => listQueuedMessages(stores, queueName),
    setVisibleAt: (queueName, message, visibleAtMs) =>
      setVisibleAt(stores, queueName, message, visibleAtMs),
    stop: () => (stopping ??= stopOnce()),
  };
}
