import * as v from 'valibot';
import { SentSchema } from '../protocol.ts';

const ProblemSchema = v.object({ problem: v.string() });

/** Asks the server; what it answers is checked. @throws Error with the server's own words */
export async function ask<Schema extends v.GenericSchema>(
  schema: Schema,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<v.InferOutput<Schema>> {
  return read(schema, await fetch(`${path}?${new URLSearchParams(query).toString()}`));
}

/** Lets the server do something. @returns its answer in words @throws Error with the server's own words */
export async function act(path: string, input: object): Promise<string> {
  return (await actWith(SentSchema, path, input)).text;
}

/** Lets the server do something whose answer is more than words. */
export async function actWith<Schema extends v.GenericSchema>(
  schema: Schema,
  path: string,
  input: object,
): Promise<v.InferOutput<Schema>> {
  const headers = { 'content-type': 'application/json' };
  return read(schema, await fetch(path, { method: 'POST', headers, body: JSON.stringify(input) }));
}

/** What went wrong, in words. */
export function words(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}

async function read<Schema extends v.GenericSchema>(
  schema: Schema,
  response: Response,
): Promise<v.InferOutput<Schema>> {
  const value: unknown = await response.json();
  if (response.ok) return v.parse(schema, value);
  const problem = v.safeParse(ProblemSchema, value);
  throw new Error(
    problem.success ? problem.output.problem : `The console answers ${response.status}`,
  );
}
