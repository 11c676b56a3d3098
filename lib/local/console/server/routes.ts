import * as v from 'valibot';
import type { LocalPipeline } from '../../emulator/local-pipeline.ts';
import { DEAD_LETTERS_QUEUE, QUARANTINE_QUEUE } from '../../cli/paths.ts';
import { toWebhookDetails } from '../presentation/webhook-details.ts';
import { createSearch } from '../state/search.ts';
import type { Store } from '../state/store.ts';
import {
  CopyFormatSchema,
  FilterSchema,
  QueueQuerySchema,
  RetryNowSchema,
  SetPausedSchema,
  SetResponseSchema,
  ReplaySchema,
  SendRequestSchema,
  SpeedSchema,
  TryMappingSchema,
} from '../commands.ts';
import type { HistoryFile } from './history-file.ts';
import type { ResponseChoices } from './mock-responses.ts';
import { tryMappingInWorker } from './functions-client.ts';
import type { RouteHandlers } from './listener.ts';
import { copyWebhook } from './copy-webhook.ts';
import { loadEditableBody, listSamples, sendWebhook, type SendDeps } from './send-webhook.ts';
import { callOperator } from './operator.ts';
import { toQueueList } from './queue-list.ts';
import { replay, type ReplayDeps } from './replay.ts';
import { retryNow, type RetryNowDeps } from './retry-now.ts';
import type { RetryAccelerator } from './accelerate-retries.ts';

/** The dependencies of the queries and commands. */
export interface RouteDeps extends ReplayDeps, RetryNowDeps {
  readonly store: Store;
  readonly pipeline: LocalPipeline;
  readonly history: Pick<HistoryFile, 'clear'>;
  readonly responseChoices: ResponseChoices;
  readonly retryAccelerator: RetryAccelerator;
  /** The environment variables of all functions, to load functions/ with. */
  readonly env: Readonly<Record<string, string>>;
  /** Finds the name of a destination by its id. */
  readonly getDestinationName: (id: string) => string;
}

const QUEUE_IDS = { 'dead-letters': DEAD_LETTERS_QUEUE, quarantine: QUARANTINE_QUEUE } as const;

/** Creates the handlers of GET requests, by path. */
export function createQueries(deps: RouteDeps): RouteHandlers {
  const sendDeps = toSendDeps(deps);
  return {
    '/console/samples': async () => listSamples(),
    async '/console/webhook'(_input, query) {
      const webhook = deps.store.getWebhook(query.get('key') ?? '');
      return (
        webhook &&
        toWebhookDetails(webhook, deps.store.findTimeline(webhook), query.get('reveal') === 'yes')
      );
    },
    async '/console/copy'(_input, query) {
      const webhook = deps.store.getWebhook(query.get('key') ?? '');
      return (
        webhook && {
          text: copyWebhook(webhook, deps.store.findTimeline(webhook), {
            format: v.parse(CopyFormatSchema, query.get('format')),
            endpoint: deps.pipeline.httpEndpoint,
            reveal: query.get('reveal') === 'yes',
          }),
        }
      );
    },
    async '/console/queue'(_input, query) {
      const { from } = v.parse(QueueQuerySchema, { from: query.get('from') });
      const contents = await deps.pipeline.readQueue(QUEUE_IDS[from]);
      return toQueueList(from, contents, deps.getDestinationName);
    },
    '/console/body': async (_input, query) =>
      loadEditableBody(sendDeps, {
        sample: query.get('sample'),
        webhookKey: query.get('webhookKey'),
      }),
  };
}

/** Creates the handlers of POST requests, by path. */
export function createCommands(deps: RouteDeps): RouteHandlers {
  const search = createSearch(deps.store);
  return {
    // not a query, whose text would be in an address
    '/console/search': async (input) => ({ keys: await search.find(v.parse(FilterSchema, input)) }),
    '/console/send': async (input) => ({
      text: await sendWebhook(toSendDeps(deps), v.parse(SendRequestSchema, input)),
    }),
    async '/console/response'(input) {
      const { destination, responseChoice, retryAfterSeconds } = v.parse(SetResponseSchema, input);
      deps.responseChoices.set(destination, responseChoice, retryAfterSeconds);
      return { text: `The response of ${destination} is set to ${responseChoice}` };
    },
    async '/console/pause'(input) {
      const { destination, isPaused } = v.parse(SetPausedSchema, input);
      const { backlogs } = deps.pipeline;
      const id = deps.getDestinationId(destination);
      await (isPaused ? backlogs.pause(id) : backlogs.resume(id));
      return {
        text: isPaused
          ? `${destination} is paused. What arrives for it waits in its queue.`
          : `${destination} is resumed. What waited is delivered at the pace of its limit.`,
      };
    },
    async '/console/speed'(input) {
      const { speed } = v.parse(SpeedSchema, input);
      deps.retryAccelerator.setSpeed(speed);
      deps.pipeline.setSpeed(speed);
      return {
        text: speed === 1 ? 'Waits take their real time' : `Waits are ${speed} times shorter`,
      };
    },
    async '/console/clear'() {
      await deps.history.clear();
      return { text: 'The list is cleared. Queues and destinations are as they were.' };
    },
    '/console/replay': async (input) => ({
      text: await replay(deps, v.parse(ReplaySchema, input)),
    }),
    '/console/retry': async (input) => ({
      text: await retryNow(deps, v.parse(RetryNowSchema, input)),
    }),
    '/console/operator': (input) => callOperator(deps, input),
    async '/console/try'(input, query) {
      const { mapping, body } = v.parse(TryMappingSchema, input);
      const reveal = query.get('reveal') === 'yes';
      return tryMappingInWorker(
        { mapping: mapping === '' ? null : mapping, body, reveal },
        deps.env,
      );
    },
  };
}

function toSendDeps({ pipeline, store }: RouteDeps): SendDeps {
  return { endpoint: () => pipeline.httpEndpoint, getWebhook: (key) => store.getWebhook(key) };
}
