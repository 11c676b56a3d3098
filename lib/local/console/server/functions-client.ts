import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import type { TriedMapping } from '../../cli/try-mapping.ts';
import { type Tried, TriedSchema } from '../protocol.ts';

/** What can be asked about the merchant's own files. */
export const QuestionSchema = v.variant('kind', [
  v.object({ kind: v.literal('facts') }),
  v.object({
    kind: v.literal('try'),
    mapping: v.nullable(v.string()),
    body: v.string(),
    reveal: v.boolean(),
  }),
]);
type Question = v.InferOutput<typeof QuestionSchema>;

/** The answers, by the question's kind. */
export type FunctionsAnswer =
  | { readonly destinations: readonly string[]; readonly mappings: readonly string[] }
  | { readonly tried: TriedMapping };

const FactsSchema = v.object({ destinations: v.array(v.string()), mappings: v.array(v.string()) });
/** The names in functions/destinations.ts and functions/mappings.ts. */
export type Facts = v.InferOutput<typeof FactsSchema>;

/**
 * The names of destinations and mappings, as functions/ has them now.
 * @param env what fanOut gets
 * @throws (rejects) when the files cannot be loaded
 */
export async function askFacts(env: Readonly<Record<string, string>>): Promise<Facts> {
  return v.parse(FactsSchema, await ask({ kind: 'facts' }, env));
}

/** What a body becomes under a mapping, as functions/mappings.ts has it now. @throws (rejects) as above */
export async function askToTry(
  question: Omit<Extract<Question, { kind: 'try' }>, 'kind'>,
  env: Readonly<Record<string, string>>,
): Promise<Tried> {
  const answer = await ask({ kind: 'try', ...question }, env);
  return v.parse(v.object({ tried: TriedSchema }), answer).tried;
}

async function ask(question: Question, env: Readonly<Record<string, string>>): Promise<unknown> {
  const worker = new Worker(new URL('functions-worker.ts', import.meta.url), {
    workerData: question,
    env: { ...env },
    execArgv: [],
  });
  try {
    // rejects when the thread ends by an error
    const answers: unknown[] = await once(worker, 'message');
    return answers[0];
  } finally {
    await worker.terminate();
  }
}
