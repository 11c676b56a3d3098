import * as v from 'valibot';
import { CommandResultSchema } from '../commands.ts';

const ProblemSchema = v.object({ problem: v.string() });

/** Sends a GET request and validates the response. @throws (rejects) with the server's error message */
export async function getJson<Schema extends v.GenericSchema>(
  schema: Schema,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<v.InferOutput<Schema>> {
  return parseResponse(schema, await request(`${path}?${new URLSearchParams(query).toString()}`));
}

/** Sends a command. @returns the result in one line @throws (rejects) with the server's error message */
export async function runCommand(path: string, input: object): Promise<string> {
  return (await postCommand(CommandResultSchema, path, input)).text;
}

/** Sends a command and validates its result. @throws (rejects) with the server's error message */
export async function postCommand<Schema extends v.GenericSchema>(
  schema: Schema,
  path: string,
  input: object,
): Promise<v.InferOutput<Schema>> {
  const headers = { 'content-type': 'application/json' };
  return parseResponse(
    schema,
    await request(path, { method: 'POST', headers, body: JSON.stringify(input) }),
  );
}

/** Gets the message of an error. */
export function getErrorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The browser's own message for a server that does not respond says neither which one nor what to do. */
async function request(path: string, init?: RequestInit): Promise<Response> {
  return fetch(path, init).catch(() => {
    throw new Error('npm start does not respond. Is it still running? Its terminal says why not.');
  });
}

async function parseResponse<Schema extends v.GenericSchema>(
  schema: Schema,
  response: Response,
): Promise<v.InferOutput<Schema>> {
  const value: unknown = await response.json();
  if (response.ok) return v.parse(schema, value);
  const problem = v.safeParse(ProblemSchema, value);
  throw new Error(
    problem.success
      ? problem.output.problem
      : `The console responded ${response.status}. See the terminal of npm start.`,
  );
}
