import { siblingModule } from '../../../project/sibling-module.ts';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { StartError } from '../../emulator/start-error.ts';
import type { MappingPreview as CliMappingPreview } from '../../cli/try-mapping.ts';
import { type MappingPreview, MappingPreviewSchema } from '../commands.ts';
import { DestinationKindSchema } from '../protocol.ts';

/** A query about functions/destinations.ts and functions/mappings.ts. */
export const FunctionsQuerySchema = v.variant('kind', [
  v.object({ kind: v.literal('names') }),
  v.object({
    kind: v.literal('try'),
    mapping: v.nullable(v.string()),
    body: v.string(),
    reveal: v.boolean(),
  }),
]);
type FunctionsQuery = v.InferOutput<typeof FunctionsQuerySchema>;

const FunctionNamesSchema = v.object({
  /** Those that exist in the stage local. Queues and rows have the id, everything else has the name. */
  destinations: v.array(
    v.object({
      name: v.string(),
      id: v.string(),
      kind: DestinationKindSchema,
      /** What its declaration limits, in words. */
      pace: v.string(),
    }),
  ),
  mappings: v.array(v.string()),
});
/** The names in functions/destinations.ts and functions/mappings.ts. */
export type FunctionNames = v.InferOutput<typeof FunctionNamesSchema>;

const TryResultSchema = v.object({ preview: MappingPreviewSchema });

/** The result of a query of either kind. */
export type FunctionsResult =
  | FunctionNames
  | Readonly<Record<keyof v.InferOutput<typeof TryResultSchema>, CliMappingPreview>>;

/**
 * Reads the names of destinations and mappings from functions/, as the files are now.
 * @param env the environment variables of the functions
 * @throws (rejects) when the files cannot be loaded, or take longer than 10 seconds
 */
export async function loadFunctionNames(
  env: Readonly<Record<string, string>>,
): Promise<FunctionNames> {
  return v.parse(FunctionNamesSchema, await runInWorker({ kind: 'names' }, env));
}

/**
 * Applies a mapping to a body, with functions/mappings.ts as the file is now.
 * @throws (rejects) when the files cannot be loaded, or take longer than 10 seconds
 */
export async function tryMappingInWorker(
  query: Omit<Extract<FunctionsQuery, { kind: 'try' }>, 'kind'>,
  env: Readonly<Record<string, string>>,
): Promise<MappingPreview> {
  const result = await runInWorker({ kind: 'try', ...query }, env);
  return v.parse(TryResultSchema, result).preview;
}

const TIMEOUT_MS = 10_000;

async function runInWorker(
  query: FunctionsQuery,
  env: Readonly<Record<string, string>>,
): Promise<unknown> {
  const worker = new Worker(siblingModule(import.meta, 'functions-worker'), {
    workerData: query,
    env: { ...env },
    execArgv: [],
  });
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // rejects when the thread ends with an error
    const messages: unknown[] = await once(worker, 'message', { signal });
    return messages[0];
  } catch (error) {
    if (!isAbort(error)) throw error;
    throw new StartError(
      `functions/ did not respond within ${TIMEOUT_MS / 1_000} seconds. Does one of its files wait for something, or a mapping take that long?`,
    );
  } finally {
    await worker.terminate();
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
