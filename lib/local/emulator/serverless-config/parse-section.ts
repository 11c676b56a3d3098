import * as v from 'valibot';
import { StartError } from '../start-error.ts';

/**
 * Reads one part of serverless.yml.
 * @param where names the part, for the error
 * @throws StartError that lists every fault of the part
 */
export function parseSection<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  where: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => {
    const path = [where, v.getDotPath(issue)].filter((part) => part !== null).join('.');
    return `serverless.yml: ${path}: ${issue.message}`;
  });
  throw new StartError(faults.join('\n'));
}
