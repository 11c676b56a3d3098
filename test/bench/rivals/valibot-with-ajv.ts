import { validators } from 'bench:ajv-validators';
import * as v from 'valibot';
import { webhookSchemas } from './webhook-schemas.ts';

// Takes the place of lib/voucherify/acceptance.ts in a bundle: ajv's standalone code judges first, and
// Valibot is only asked about what ajv refuses, to say what is wrong.

const validatorBySchema = new Map<unknown, ((input: unknown) => boolean) | undefined>(
  Object.entries(webhookSchemas).map(([name, schema]) => [schema, validators[name]]),
);

export function acceptedBy<Shape>(
  schema: v.GenericSchema<Shape, unknown>,
): (input: unknown) => input is Shape {
  const isAccepted = validatorBySchema.get(schema) ?? ((input) => v.is(schema, input));
  return (input): input is Shape => isAccepted(input);
}
