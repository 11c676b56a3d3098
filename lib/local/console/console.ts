import type { RequestListener } from 'node:http';
import * as v from 'valibot';
import {
  SIGNATURE_HEADER,
  type SigningKey,
  toSigningKey,
  verifySignature,
} from '../../voucherify/signature.ts';
import { WebhookSecretSchema } from '../../voucherify/webhook-secret.ts';
import { RETRY_SCHEDULE } from '../../fan-out/retry-schedule.ts';
import { buildFunctionEnvironment } from '../emulator/lambda/function-environment.ts';
import { MOCK_URL_PREFIX } from '../emulator/local-addresses.ts';
import { describeConfigurationChange } from '../emulator/watch-configuration.ts';
import type { LocalPipelineObserver } from '../emulator/observer.ts';
import type { LocalPipeline } from '../emulator/local-pipeline.ts';
import type { Stack } from '../emulator/stack.ts';
import { findDestinationQueues } from '../emulator/destination-queues.ts';
import { MERCHANT_QUEUES, WEBHOOK_PATH } from '../cli/paths.ts';
import { createCommands, createQueries } from './server/routes.ts';
import { createResponseChoices } from './server/mock-responses.ts';
import { loadFunctionNames, type FunctionNames } from './server/functions-client.ts';
import { createLiveStream } from './server/live-stream.ts';
import { getSnapshotSince, type SnapshotDeps } from './server/snapshot.ts';
import { createNotifications } from './server/notifications.ts';
import { buildAssets } from './server/assets.ts';
import { createConsoleListener } from './server/listener.ts';
import { createHistoryFile } from './server/history-file.ts';
import { contain } from './server/contain.ts';
import type { RetryNowDeps } from './server/retry-now.ts';
import { createRetryAccelerator } from './server/accelerate-retries.ts';
import { createStore } from './state/store.ts';
import type { SignatureStatus } from './state/received-webhook.ts';
import { setDeliveryStatus } from './state/timeline.ts';
import { createCircuits } from './state/circuits.ts';
import { createCounters } from './state/counters.ts';
import { createStateObserver } from './state/observer.ts';

/** A web page that shows a running pipeline. It only observes: the functions do not depend on it. */
export interface Console {
  /** Receives the events of the pipeline. */
  readonly observer: LocalPipelineObserver;
  /** Handles the requests for which the pipeline has no route. Responds 503 until `watch` is called. */
  readonly listener: RequestListener;
  /** Shows a pipeline that has started. */
  watch(pipeline: LocalPipeline): Promise<void>;
  /** Closes the pages, and writes the history. */
  stop(): Promise<void>;
}

/**
 * Creates a console and bundles its page.
 * @param historyPath the file that keeps the newest webhooks over restarts; without it they are not kept
 */
export async function createConsole(historyPath: string | null = null): Promise<Console> {
  const now = Date.now;
  const assets = await buildAssets();
  const store = createStore();
  const counters = createCounters();
  const notifications = createNotifications(now);
  const circuits = createCircuits({
    openMs: () => (MAX_OPEN_FACTOR * 1_000 * RETRY_SCHEDULE.circuitOpenSeconds) / getSpeed(),
    now,
  });
  // these depend on the pipeline, which starts after the console
  let restart: string | null = null;
  let getSpeed = (): number => 1;
  let queueIdsByName: ReadonlyMap<string, string> = new Map();
  let destinationIdsByQueueName: ReadonlyMap<string, string> = new Map();
  let signingKeys: readonly SigningKey[] = [];
  let functionNames: FunctionNames = { destinations: [], mappings: [] };
  const getDestinationName = (destinationId: string): string =>
    functionNames.destinations.find(({ id }) => id === destinationId)?.name ?? destinationId;
  let reloadFunctionNames = async (): Promise<void> => {};
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end();
  let stop = (): void => {};

  const onOwnError = (error: unknown): void =>
    notifications.add('error', `The console does not show everything: ${String(error)}`);
  const history = createHistoryFile({ store, path: historyPath, now, onError: onOwnError });
  await history.load().catch(onOwnError);
  const stateObserver = createStateObserver({
    store,
    counters,
    checkSignature: (body, headers) => checkSignature(body, headers, signingKeys),
    getQueueId: (name) => queueIdsByName.get(name) ?? name,
    getDestinationOfQueue(queueName) {
      const id = destinationIdsByQueueName.get(queueName);
      return id === undefined ? null : getDestinationName(id);
    },
    queueDestinations: new Map(Object.entries(MERCHANT_QUEUES).map(([name, id]) => [id, name])),
    now,
  });

  return {
    observer: {
      onLine(line, parsed) {
        contain(() => stateObserver.onLine(line, parsed), onOwnError);
        contain(() => circuits.onLine(parsed), onOwnError);
      },
      onInvocation: (invocation) =>
        contain(() => stateObserver.onInvocation(invocation), onOwnError),
      onRequestDelivered: (request) =>
        contain(() => stateObserver.onRequestDelivered(request), onOwnError),
      onRequestMade: (request) => contain(() => stateObserver.onRequestMade(request), onOwnError),
      onMessageSent: (message) => contain(() => stateObserver.onMessageSent(message), onOwnError),
      onError: (text) => notifications.add('error', text),
      onConfigurationChange(changedFiles) {
        restart = changedFiles.length === 0 ? null : describeConfigurationChange(changedFiles);
      },
      onReload(names) {
        notifications.add('success', `${names.join(', ')} reloaded`);
        circuits.reset();
        void reloadFunctionNames();
      },
    },
    listener: (request, response) => listener(request, response),
    async watch(pipeline) {
      const { stack, endpoints } = pipeline;
      const env = mergeEnvironments(stack, endpoints);
      signingKeys = readSigningKeys(env['WEBHOOK_SECRET']);
      let queueDepths: ReadonlyMap<string, number> = new Map();
      let backlogs = pipeline.backlogs.read();
      queueIdsByName = new Map(stack.queues.map(({ id, name }) => [name, id]));
      const destinationQueues = [...findDestinationQueues(stack)];
      destinationIdsByQueueName = new Map(destinationQueues.map(([id, { name }]) => [name, id]));
      const responseChoices = createResponseChoices(pipeline.mockDestinations);
      const onRescheduled: RetryNowDeps['onRescheduled'] = (recordId, destinationId, nextAt) => {
        const timeline = store.getOrCreateTimeline(recordId);
        setDeliveryStatus(timeline, getDestinationName(destinationId), 'waiting', { nextAt });
        store.markChanged(timeline);
      };
      const retryAccelerator = createRetryAccelerator({
        waitingDeliveries: pipeline.waitingDeliveries,
        onRescheduled,
        now,
        onError: onOwnError,
      });
      getSpeed = () => retryAccelerator.speed();
      const snapshotDeps: SnapshotDeps = {
        endpoint: pipeline.httpEndpoint + WEBHOOK_PATH,
        store,
        counters,
        notifications,
        responseChoices,
        speed: () => retryAccelerator.speed(),
        restart: () => restart,
        functionNames: () => functionNames,
        backlogs: () => backlogs,
        circuits,
        mockDestinationNames: readMockDestinationNames(stack),
        queueDepths: () => queueDepths,
        now,
      };
      const liveStream = createLiveStream({
        getSnapshotSince: (revision, lastNotification) =>
          getSnapshotSince(snapshotDeps, revision, lastNotification),
        revision: () => store.revision(),
        async refresh() {
          backlogs = pipeline.backlogs.read();
          queueDepths = await pipeline.readQueueCounts();
        },
        onError: onOwnError,
      });
      stop = () => {
        retryAccelerator.stop();
        liveStream.stop();
      };
      reloadFunctionNames = async () => {
        functionNames = await loadFunctionNames(env).catch((error: unknown) => {
          notifications.add('error', `functions/ cannot be loaded: ${String(error)}`);
          return functionNames;
        });
      };
      await reloadFunctionNames();
      const getDestinationId = (name: string): string =>
        functionNames.destinations.find((each) => each.name === name)?.id ?? name;
      const routeDeps = {
        store,
        pipeline,
        responseChoices,
        retryAccelerator,
        env,
        getDestinationId,
        getDestinationName,
        history,
        onRescheduled,
        circuits,
        now,
      };
      listener = createConsoleListener({
        assets,
        liveStream,
        queries: createQueries(routeDeps),
        commands: createCommands(routeDeps),
      });
    },
    async stop() {
      stop();
      await history.stop();
    },
  };
}

/** A circuit stays open for the time of the schedule, times 0.5 to 1.5. */
const MAX_OPEN_FACTOR = 1.5;

function checkSignature(
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  signingKeys: readonly SigningKey[],
): SignatureStatus {
  const verification = verifySignature(body, headers[SIGNATURE_HEADER], signingKeys);
  return verification.valid ? verification.variant : verification.reason;
}

/** The keys that receive has; none when the secret is malformed, with which receive rejects every webhook. */
function readSigningKeys(secret = ''): readonly SigningKey[] {
  const parsed = v.safeParse(WebhookSecretSchema, secret);
  return parsed.success ? parsed.output.map((key) => toSigningKey(key)) : [];
}

/** Merges the environment variables of all functions. The console loads functions/ with them. */
function mergeEnvironments(
  stack: Stack,
  endpoints: LocalPipeline['endpoints'],
): Record<string, string> {
  const environments = stack.functions.map((description) =>
    buildFunctionEnvironment(description, stack.region, endpoints),
  );
  return Object.fromEntries(environments.flatMap((env) => Object.entries(env)));
}

/** Reads the names of the mock destinations from the URLs in serverless.yml. */
function readMockDestinationNames(stack: Stack): ReadonlySet<string> {
  const values = stack.functions.flatMap(({ environment }) => Object.values(environment));
  return new Set(
    values
      .filter((value) => value.startsWith(MOCK_URL_PREFIX))
      .map((value) => value.slice(MOCK_URL_PREFIX.length).split(/[/?]/)[0] ?? ''),
  );
}
