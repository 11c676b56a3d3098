import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import * as v from 'valibot';
import { RelayRecordSchema } from '../../lib/record/record.ts';

const SCHEMA = JSON.parse(readFileSync('docs/record.schema.json', 'utf8')) as object;

/** A judge of records: the places that are wrong, or nothing. */
export type Validator = (value: unknown) => readonly string[];

/** The published schema, by a validator that is not ours, formats included. */
export const validatePublished: Validator = createValidator(
  withFormats(new Ajv2020({ strict: true, allErrors: true })),
);

/** The same without the formats, which are promised beyond what the Valibot schema checks. */
export const validatePublishedWithoutFormats: Validator = createValidator(
  new Ajv2020({ strict: true, allErrors: true, validateFormats: false }),
);

/** The schema that the functions use. */
export const validateInternal: Validator = (value) => {
  const { issues = [] } = v.safeParse(RelayRecordSchema, value);
  return issues.map((issue) => `/${v.getDotPath(issue)?.replaceAll('.', '/') ?? ''}`);
};

function withFormats(ajv: Ajv2020): Ajv2020 {
  ajvFormats.default(ajv);
  return ajv;
}

function createValidator(ajv: Ajv2020): Validator {
  const validate = ajv.compile(SCHEMA);
  return (value) => {
    validate(value);
    return (validate.errors ?? []).map(({ instancePath }) => instancePath);
  };
}
