import * as v from 'valibot';
import type { Resolve } from './intrinsics.ts';
import { parseSection } from './parse-section.ts';

/** A route of the HTTP API. `*` stands for any method or any path. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** An SQS event source of a function. */
export interface QueueSource {
  readonly queueArn: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly reportsItemFailures: boolean;
  /** How many batches may be processed at once; null leaves it to Lambda. */
  readonly maximumConcurrency: number | null;
}

/** The events of a function. `unsupported` are the kinds of events that the local pipeline never sends. */
export interface DeclaredEvents {
  readonly routes: readonly Route[];
  readonly sources: readonly QueueSource[];
  readonly unsupported: readonly string[];
}

/** Lambda's default batch size. */
const DEFAULT_BATCH_SIZE = 10;
/** The most messages of one receive: a larger batch needs a batching window. */
const MAX_RECEIVED_MESSAGES = 10;

const RouteSchema = v.union([
  v.pipe(
    v.literal('*'),
    v.transform((): Route => ({ method: '*', path: '*' })),
  ),
  v.pipe(
    v.string(),
    v.regex(/^\S+ \/\S*$/),
    v.transform((text) => {
      const [method = '*', path = '*'] = text.split(' ');
      return { method, path };
    }),
  ),
  v.strictObject({ method: v.optional(v.string(), '*'), path: v.string() }),
]);

const SourceSchema = v.pipe(
  v.union([
    v.pipe(
      v.string(),
      v.transform((arn) => ({ arn })),
    ),
    v.looseObject({}),
  ]),
  v.strictObject({
    arn: v.string(),
    batchSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), DEFAULT_BATCH_SIZE),
    maximumBatchingWindow: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
    functionResponseType: v.optional(v.literal('ReportBatchItemFailures')),
    maximumConcurrency: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2))),
    enabled: v.optional(v.boolean(), true),
  }),
  v.check(
    (source) => source.batchSize <= MAX_RECEIVED_MESSAGES || source.maximumBatchingWindow > 0,
    'batchSize is over 10, which needs a maximumBatchingWindow of 1 second or more',
  ),
);

const EventSchema = v.union([v.string(), v.record(v.string(), v.unknown())]);

/**
 * Reads the `events` of one function.
 * @param where the path of the function in serverless.yml, for error messages
 * @throws StartError for a setting that the local pipeline does not support
 */
export function describeEvents(
  events: readonly unknown[],
  where: string,
  resolve: Resolve,
): DeclaredEvents {
  const routes: Route[] = [];
  const sources: QueueSource[] = [];
  const unsupported: string[] = [];
  for (const [index, item] of events.entries()) {
    const eventPath = `${where}.events.${index}`;
    const event = parseSection(EventSchema, item, eventPath);
    const entries = typeof event === 'string' ? [[event, null] as const] : Object.entries(event);
    for (const [kind, settings] of entries) {
      switch (kind) {
        case 'httpApi': {
          const route = parseSection(RouteSchema, settings, `${eventPath}.httpApi`);
          routes.push({ method: route.method.toUpperCase(), path: route.path });
          break;
        }
        case 'sqs': {
          const source = parseSection(
            SourceSchema,
            resolve(settings, `${eventPath}.sqs`),
            `${eventPath}.sqs`,
          );
          if (source.enabled) sources.push(toQueueSource(source));
          break;
        }
        default:
          unsupported.push(kind);
      }
    }
  }
  return { routes, sources, unsupported };
}

function toQueueSource(settings: v.InferOutput<typeof SourceSchema>): QueueSource {
  return {
    queueArn: settings.arn,
    batchSize: settings.batchSize,
    batchingWindowSeconds: settings.maximumBatchingWindow,
    reportsItemFailures: settings.functionResponseType !== undefined,
    maximumConcurrency: settings.maximumConcurrency ?? null,
  };
}
