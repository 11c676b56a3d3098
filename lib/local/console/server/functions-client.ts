import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import type { MappingPreview } from '../../cli/try-mapping.ts';
import { type MappingTrial, MappingTrialSchema } from '../protocol.ts';

/** What can be asked about the merchant's own files. */
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

/** The answers, by the question's kind. */
export type FunctionsResult =
  | { readonly destinations: readonly string[]; readonly mappings: readonly string[] }
  | { readonly trial: MappingPreview };

const FunctionNamesSchema = v.object({
  destinations: v.array(v.string()),
  mappings: v.array(v.string()),
});
/** The names in functions/destinations.ts and functions/mappings.ts. */
export type FunctionNames = v.InferOutput<typeof FunctionNamesSchema>;

/**
 * The names of destinations and mappings, as functions/ has them now.
 * @param env what fanOut gets
 * @throws (rejects) when the files cannot be loaded
 */
export async function loadFunctionNames(
  env: Readonly<Record<string, string>>,
): Promise<FunctionNames> {
  return v.parse(FunctionNamesSchema, await runInWorker({ kind: 'names' }, env));
}

/** What a body becomes under a mapping, as functions/mappings.ts has it now. @throws (rejects) as above */
export async function tryMappingInWorker(
  query: Omit<Extract<FunctionsQuery, { kind: 'try' }>, 'kind'>,
  env: Readonly<Record<string, string>>,
): Promise<MappingTrial> {
  const result = await runInWorker({ kind: 'try', ...query }, env);
  return v.parse(v.object({ trial: MappingTrialSchema }), result).trial;
}

async function runInWorker(
  query: FunctionsQuery,
  env: Readonly<Record<string, string>>,
): Promise<unknown> {
  const worker = new Worker(new URL('functions-worker.ts', import.meta.url), {
    workerData: query,
    env: { ...env },
    execArgv: [],
  });
  try {
    // rejects when the thread ends by an error
    const messages: unknown[] = await once(worker, 'message');
    return messages[0];
  } finally {
    await worker.terminate();
  }
}
