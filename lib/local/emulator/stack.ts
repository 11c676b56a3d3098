import * as v from 'valibot';
import {
  describeFunction,
  type FunctionDescription,
  FunctionDefaultsSchema,
} from './serverless-config/functions.ts';
import { describeQueue, type QueueDescription } from './serverless-config/queues.ts';
import { describeTable, type TableDescription } from './serverless-config/tables.ts';
import {
  describeInlineSubscriptions,
  describeSubscription,
  type SubscriptionDescription,
  type TopicDescription,
} from './serverless-config/topics.ts';
import { type Resolve, resolveIntrinsics } from './serverless-config/intrinsics.ts';
import {
  type ResolvedResource,
  resolveResources,
  ResourcesSchema,
} from './serverless-config/known-resources.ts';
import { parseSection } from './serverless-config/parse-section.ts';
import { StartError } from './start-error.ts';

/** The part of serverless.yml that runs on this machine. */
export interface Stack {
  readonly region: string;
  readonly functions: readonly FunctionDescription[];
  readonly queues: readonly QueueDescription[];
  readonly topics: readonly TopicDescription[];
  readonly subscriptions: readonly SubscriptionDescription[];
  readonly tables: readonly TableDescription[];
  /** The settings of serverless-esbuild. */
  readonly bundling: Readonly<Record<string, unknown>>;
}

/** SQS's default visibility timeout. */
const DEFAULT_VISIBILITY_TIMEOUT_SECONDS = 30;

const AnyObjectSchema = v.record(v.string(), v.unknown());
const ResourcesSectionSchema = v.object({ Resources: v.optional(ResourcesSchema, {}) });
const ConfigurationSchema = v.object({
  service: v.string(),
  provider: v.object({
    stage: v.string(),
    region: v.string(),
    httpApi: v.optional(
      v.object({ payload: v.optional(v.literal('2.0', 'only payload 2.0 is supported locally')) }),
    ),
    timeout: v.optional(v.unknown()),
    memorySize: v.optional(v.unknown()),
    environment: v.optional(v.unknown()),
  }),
  functions: v.optional(AnyObjectSchema, {}),
  custom: v.optional(v.object({ esbuild: v.optional(AnyObjectSchema, {}) }), {}),
  resources: v.optional(v.union([v.array(ResourcesSectionSchema), ResourcesSectionSchema]), []),
});

/**
 * Reads what runs on this machine from the resolved serverless configuration, so that what is local and
 * what is deployed cannot differ.
 * @param configuration the output of `sls print --format json` for a stage
 * @throws StartError that lists what is not valid or not supported, and where
 */
export function describeStack(configuration: unknown): Stack {
  const settings = parseSection(ConfigurationSchema, configuration, 'the configuration');
  const { service, provider } = settings;
  const declared = Object.fromEntries(
    [settings.resources].flat().flatMap((part) => Object.entries(part.Resources)),
  );
  const prefix = `${service}-${provider.stage}`;
  const resources = resolveResources(declared, provider.region, prefix);
  const resolve: Resolve = (value, where) => resolveIntrinsics(value, where, resources);
  const filterByType = (type: ResolvedResource['type']): ResolvedResource[] =>
    [...resources.values()].filter((resource) => resource.type === type);

  const defaults = parseSection(FunctionDefaultsSchema, provider, 'provider');
  const functions = Object.entries(settings.functions).map(([name, text]) =>
    describeFunction(name, text, defaults, prefix, resolve),
  );
  const queues = filterByType('queue').map((queue) => describeQueue(queue, resolve));
  requireReadableQueues(functions, queues);
  const topics = filterByType('topic');
  return {
    region: provider.region,
    functions,
    queues,
    topics,
    subscriptions: [
      ...topics.flatMap((topic) => describeInlineSubscriptions(topic, resolve)),
      ...Object.entries(declared)
        .filter(([, resource]) => resource.Type === 'AWS::SNS::Subscription')
        .map(([id, { Properties }]) =>
          describeSubscription(id, resolve(Properties, `resources.${id}`)),
        ),
    ],
    tables: filterByType('table').map(describeTable),
    bundling: settings.custom.esbuild ?? {},
  };
}

/** Returns a declared queue by its logical id. @throws StartError when serverless.yml does not declare it */
export function getQueueById(stack: Stack, id: string): QueueDescription {
  const queue = stack.queues.find((each) => each.id === id);
  if (queue === undefined)
    throw new StartError(`serverless.yml declares no queue ${id} under resources.`);
  return queue;
}

/** Lambda rejects an event source mapping whose queue's visibility timeout is shorter than the function's timeout. */
function requireReadableQueues(
  functions: readonly FunctionDescription[],
  queues: readonly QueueDescription[],
): void {
  const byArn = new Map(queues.map((queue) => [queue.arn, queue]));
  const errors = functions.flatMap(({ name, timeoutSeconds, events }) =>
    events.sources.flatMap(({ queueArn }) => {
      const queue = byArn.get(queueArn);
      if (queue === undefined)
        return [`functions.${name} reads ${queueArn}, which is not declared under resources`];
      const visibilityTimeoutSeconds = Number(
        queue.attributes['VisibilityTimeout'] ?? DEFAULT_VISIBILITY_TIMEOUT_SECONDS,
      );
      return visibilityTimeoutSeconds < timeoutSeconds
        ? [
            `resources.${queue.id}.VisibilityTimeout is shorter than the timeout of functions.${name}`,
          ]
        : [];
    }),
  );
  if (errors.length > 0) {
    throw new StartError(errors.map((error) => `serverless.yml: ${error}.`).join('\n'));
  }
}
