import * as v from 'valibot';
import {
  describeFunction,
  type FunctionDescription,
  FunctionDefaultsSchema,
} from './serverless-config/functions.ts';
import { describeQueue, type QueueDescription } from './serverless-config/queues.ts';
import { describeTable, type TableDescription } from './serverless-config/tables.ts';
import {
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

/** What serverless.yml declares, as far as it runs on this machine. */
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

/** What SQS takes when serverless.yml says nothing. */
const DEFAULT_VISIBILITY_TIMEOUT_SECONDS = 30;

const AnyObjectSchema = v.record(v.string(), v.unknown());
const ResourcesSectionSchema = v.object({ Resources: v.optional(ResourcesSchema, {}) });
const ConfigurationSchema = v.object({
  service: v.string(),
  provider: v.object({
    stage: v.string(),
    region: v.string(),
    httpApi: v.optional(
      v.object({ payload: v.optional(v.literal('2.0', 'only payload 2.0 is understood here')) }),
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
 * Describes what runs on this machine, out of the resolved serverless configuration: so what is local
 * and what is deployed cannot drift apart.
 * @param configuration what `sls print --format json` prints for a stage
 * @throws StartError that says what cannot be understood, and where it stands
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
  return {
    region: provider.region,
    functions,
    queues,
    topics: filterByType('topic'),
    subscriptions: Object.entries(declared)
      .filter(([, resource]) => resource.Type === 'AWS::SNS::Subscription')
      .map(([id, { Properties }]) =>
        describeSubscription(id, resolve(Properties, `resources.${id}`)),
      ),
    tables: filterByType('table').map(describeTable),
    bundling: settings.custom.esbuild ?? {},
  };
}

/** @throws StartError when serverless.yml declares no such queue */
export function getQueueById(stack: Stack, id: string): QueueDescription {
  const queue = stack.queues.find((each) => each.id === id);
  if (queue === undefined) throw new StartError(`serverless.yml declares no queue ${id}.`);
  return queue;
}

/** What Lambda demands of the queues that functions read. */
function requireReadableQueues(
  functions: readonly FunctionDescription[],
  queues: readonly QueueDescription[],
): void {
  const byArn = new Map(queues.map((queue) => [queue.arn, queue]));
  const faults = functions.flatMap(({ name, timeoutSeconds, events }) =>
    events.sources.flatMap(({ queueArn }) => {
      const queue = byArn.get(queueArn);
      if (queue === undefined) return [`${name} reads ${queueArn}, which is not declared`];
      const visibilityTimeoutSeconds = Number(
        queue.attributes['VisibilityTimeout'] ?? DEFAULT_VISIBILITY_TIMEOUT_SECONDS,
      );
      return visibilityTimeoutSeconds < timeoutSeconds
        ? [`the VisibilityTimeout of ${queue.id} is shorter than the timeout of ${name}`]
        : [];
    }),
  );
  if (faults.length > 0) {
    throw new StartError(faults.map((fault) => `serverless.yml: ${fault}.`).join('\n'));
  }
}
