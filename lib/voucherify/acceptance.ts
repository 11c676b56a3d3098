import * as v from 'valibot';
import { isJsonObject } from './json.ts';

/**
 * Makes a quick question of a schema: is a value plainly as it should be? A yes is Valibot's yes; a
 * no leaves the value to Valibot, which alone says what is wrong. Nearly every webhook is as it should
 * be, and this way nothing is built for it, while Valibot's `object` copies whatever it judges.
 * @param schema of the kinds that fields.ts is made of; Valibot itself is asked about any other part
 */
export function createFastCheck<Shape>(
  schema: v.GenericSchema<Shape, unknown>,
): (input: unknown) => input is Shape {
  const accepts = acceptanceOf(schema);
  return (input): input is Shape => accepts(input);
}

type Accepts = (input: unknown) => boolean;

function acceptanceOf(schema: v.GenericSchema): Accepts {
  if (isPlain('object', schema) && Object.values(schema.entries).every(mayBeMissing)) {
    return acceptanceOfFields(schema.entries);
  }
  if (isPlain('nullish', schema)) {
    const accepts = acceptanceOf(schema.wrapped);
    return (input) => input === null || input === undefined || accepts(input);
  }
  if (isPlain('custom', schema)) return schema.check;
  if (isPlain('string', schema)) return (input) => typeof input === 'string';
  if (isPlain('boolean', schema)) return (input) => typeof input === 'boolean';
  return (input) => v.is(schema, input);
}

function acceptanceOfFields(entries: v.ObjectEntries): Accepts {
  const fields = Object.entries(entries).map(([key, field]) => ({
    key,
    accepts: acceptanceOf(field),
  }));
  return (input) => isJsonObject(input) && fields.every(({ key, accepts }) => accepts(input[key]));
}

function mayBeMissing(field: v.GenericSchema): boolean {
  return isPlain('nullish', field);
}

interface PlainSchemas {
  readonly object: v.ObjectSchema<v.ObjectEntries, undefined>;
  readonly nullish: v.NullishSchema<v.GenericSchema, undefined>;
  readonly custom: v.CustomSchema<unknown, undefined>;
  readonly string: v.StringSchema<undefined>;
  readonly boolean: v.BooleanSchema<undefined>;
}

/**
 * A schema in a pipe has the type of the pipe's first part, and one with a default judges that when there
 * is nothing: either would be overlooked.
 */
function isPlain<Type extends keyof PlainSchemas>(
  type: Type,
  schema: v.GenericSchema,
): schema is PlainSchemas[Type] {
  const hasDefault = 'default' in schema && schema.default !== undefined;
  return schema.type === type && !('pipe' in schema) && !hasDefault;
}
