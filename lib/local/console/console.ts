import type { RequestListener } from 'node:http';
import { toSigningKey, SIGNATURE_HEADER, verifySignature } from '../../voucherify/signature.ts';
import { buildFunctionEnvironment } from '../emulator/lambda/function-environment.ts';
import { MOCK_URL_PREFIX } from '../emulator/local-addresses.ts';
import type { PipelineObserver } from '../emulator/observer.ts';
import type { Pipeline } from '../emulator/emulator.ts';
import type { Stack } from '../emulator/stack.ts';
import { LOCAL_SECRET, MERCHANT_QUEUES } from '../cli/paths.ts';
import { createCommands, createQueries } from './server/routes.ts';
import { createResponseChoices, type ResponseChoices } from './server/mock-responses.ts';
import { loadFunctionNames, type FunctionNames } from './server/functions-client.ts';
import { createLiveStream } from './server/live-stream.ts';
import { getSnapshotSince, type SnapshotDeps } from './server/snapshot.ts';
import { createNotifications } from './server/notifications.ts';
import { buildAssets } from './server/assets.ts';
import { createConsoleListener } from './server/listener.ts';
import { createRetryAccelerator, type RetryAccelerator } from './server/accelerate-retries.ts';
import { createStore } from './state/store.ts';
import type { SignatureStatus } from './state/received-webhook.ts';
import { setDeliveryStatus } from './state/timeline.ts';
import { createCounters } from './state/counters.ts';
import { createStateObserver } from './state/observer.ts';

/** A page that shows a pipeline at work. It watches from outside; nothing in the pipeline knows of it. */
export interface Console {
  /** To be told what the pipeline does. */
  readonly observer: PipelineObserver;
  /** Answers what the endpoint has no route for; 503 until `watch` is called. */
  readonly listener: RequestListener;
  /** Begins to show a pipeline. */
  watch(pipeline: Pipeline): Promise<void>;
  stop(): void;
}

/** Prepares a console and builds its page. */
export async function createConsole(): Promise<Console> {
  const now = Date.now;
  const assets = await buildAssets();
  const store = createStore();
  const counters = createCounters();
  const notifications = createNotifications(now);
  let functionNames: FunctionNames = { destinations: [], mappings: [] };
  let queueDepths: ReadonlyMap<string, number> = new Map();
  let queueIdsByName: ReadonlyMap<string, string> = new Map();
  let responseChoices: ResponseChoices | null = null;
  let retryAccelerator: RetryAccelerator | null = null;
  let mockDestinationNames: ReadonlySet<string> = new Set();
  let refresh = async (): Promise<void> => {};
  let reloadFunctionNames = async (): Promise<void> => {};
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end();

  const snapshotDeps: SnapshotDeps = {
    store,
    counters,
    notifications,
    responseChoices: () => responseChoices,
    speed: () => retryAccelerator?.speed() ?? 1,
    functionNames: () => functionNames,
    mockDestinationNames: () => mockDestinationNames,
    queueDepths: () => queueDepths,
    now,
  };
  const liveStream = createLiveStream({
    getSnapshotSince: (revision, afterNotification) =>
      getSnapshotSince(snapshotDeps, revision, afterNotification),
    revision: () => store.revision(),
    refresh: () => refresh(),
  });
  const stateObserver = createStateObserver({
    store,
    counters,
    checkSignature: checkSignature,
    getQueueId: (name) => queueIdsByName.get(name) ?? name,
    queueDestinations: new Map(Object.entries(MERCHANT_QUEUES).map(([name, id]) => [id, name])),
    now,
  });

  return {
    observer: {
      ...stateObserver,
      onError: (text) => notifications.add('error', text),
      onReload(names) {
        notifications.add('success', `${names.join(', ')} reloaded`);
        void reloadFunctionNames();
      },
    },
    listener: (request, response) => listener(request, response),
    async watch(pipeline) {
      const { stack, endpoints } = pipeline;
      const env = mergeEnvironments(stack, endpoints);
      queueIdsByName = new Map(stack.queues.map(({ id, name }) => [name, id]));
      mockDestinationNames = readMockDestinationNames(stack);
      const choices = createResponseChoices(pipeline.mockDestinations);
      responseChoices = choices;
      const accelerator = createRetryAccelerator({
        editDelayed: (edit) => pipeline.editDelayed('RetriesQueue', edit),
        onRescheduled(recordId, destination, nextAt) {
          const timeline = store.getOrCreateTimeline(recordId);
          setDeliveryStatus(timeline, destination, 'waiting', { nextAt });
          store.markChanged(timeline);
        },
        now,
      });
      retryAccelerator = accelerator;
      refresh = async () => {
        queueDepths = await pipeline.readQueueCounts();
      };
      reloadFunctionNames = async () => {
        functionNames = await loadFunctionNames(env).catch((error: unknown) => {
          notifications.add('error', `functions/ cannot be read: ${String(error)}`);
          return functionNames;
        });
      };
      await reloadFunctionNames();
      const routeDeps = {
        store,
        pipeline,
        responseChoices: choices,
        retryAccelerator: accelerator,
        env,
      };
      listener = createConsoleListener({
        assets,
        liveStream,
        queries: createQueries(routeDeps),
        commands: createCommands(routeDeps),
      });
    },
    stop() {
      retryAccelerator?.stop();
      liveStream.stop();
    },
  };
}

const LOCAL_KEY = toSigningKey(LOCAL_SECRET);

function checkSignature(body: Buffer, headers: Readonly<Record<string, string>>): SignatureStatus {
  const verification = verifySignature(body, headers[SIGNATURE_HEADER], [LOCAL_KEY]);
  return verification.valid ? verification.variant : verification.reason;
}

/** What the functions get, all together: functions/ is read with it as they read it. */
function mergeEnvironments(stack: Stack, endpoints: Pipeline['endpoints']): Record<string, string> {
  const environments = stack.functions.map((description) =>
    buildFunctionEnvironment(description, stack.region, endpoints),
  );
  return Object.fromEntries(environments.flatMap((env) => Object.entries(env)));
}

/** The receivers of this machine that serverless.yml names. */
function readMockDestinationNames(stack: Stack): ReadonlySet<string> {
  const values = stack.functions.flatMap(({ environment }) => Object.values(environment));
  return new Set(
    values
      .filter((value) => value.startsWith(MOCK_URL_PREFIX))
      .map((value) => value.slice(MOCK_URL_PREFIX.length).split(/[/?]/)[0] ?? ''),
  );
}
