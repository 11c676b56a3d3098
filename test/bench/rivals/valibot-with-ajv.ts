import { validators } from 'bench:ajv-validators';
import * as v from 'valibot';
import { webhookSchemas } from './webhook-schemas.ts';

// Replaces Valibot for lib/normalise/lenient-parse.ts in a bundle: ajv's standalone code validates the
// vendor's objects, and Valibot only finds the issues of objects that ajv rejects.
export * from 'valibot';

const validatorBySchema = new Map<unknown, ((input: unknown) => boolean) | undefined>(
  Object.entries(webhookSchemas).map(([name, schema]) => [schema, validators[name]]),
);

export function is(schema: v.GenericSchema, input: unknown): boolean {
  const isValid = validatorBySchema.get(schema);
  return isValid === undefined ? v.is(schema, input) : isValid(input);
}
