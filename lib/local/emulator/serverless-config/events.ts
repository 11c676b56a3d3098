import * as v from 'valibot';
import type { Resolve } from './intrinsics.ts';
import { parseSection } from './parse-section.ts';

/** A route of the HTTP API. `method` and `path` are `*` for everything. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** A queue that Lambda reads for a function. */
export interface QueueSource {
  readonly queueArn: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly reportsItemFailures: boolean;
  /** How many batches may be worked on at once; null leaves it to Lambda. */
  readonly maximumConcurrency: number | null;
}

/** What calls a function. `others` are kinds of events that nothing on this machine sends. */
export interface DeclaredEvents {
  readonly routes: readonly Route[];
  readonly sources: readonly QueueSource[];
  readonly unsupported: readonly string[];
}

/** What Lambda takes when serverless.yml says nothing. */
const DEFAULT_BATCH_SIZE = 10;
/** The most messages that one receive gives: more of them need a window in which to gather. */
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
    'a batchSize over 10 needs a maximumBatchingWindow',
  ),
);

const EventSchema = v.union([v.string(), v.record(v.string(), v.unknown())]);

/**
 * Reads the `events` of one function.
 * @param where names the function, for the error
 * @throws StartError for a setting that this machine would not honour
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
