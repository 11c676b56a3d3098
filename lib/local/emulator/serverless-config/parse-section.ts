import * as v from 'valibot';
import { StartError } from '../start-error.ts';

/**
 * Validates one section of serverless.yml.
 * @param where the path of the section, for error messages
 * @throws StartError that lists every error of the section
 */
export function parseSection<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  where: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const errors = result.issues.map((issue) => {
    const path = [where, v.getDotPath(issue)].filter((part) => part !== null).join('.');
    return `serverless.yml: ${path}: ${issue.message}`;
  });
  throw new StartError(errors.join('\n'));
}
