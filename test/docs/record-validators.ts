import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import * as v from 'valibot';
import { RelayRecordSchema } from '../../lib/record/record.ts';

const SCHEMA = JSON.parse(readFileSync('docs/record.schema.json', 'utf8')) as object;

/** Returns the JSON pointers of what is invalid in a record; empty if it is valid. */
export type Validator = (value: unknown) => readonly string[];

/** Validates against the published schema with a third-party validator, formats included. */
export const validatePublished: Validator = createValidator(
  withFormats(new Ajv2020({ strict: true, allErrors: true })),
);

/** The same without formats, which the Valibot schema of the functions does not check. */
export const validatePublishedWithoutFormats: Validator = createValidator(
  new Ajv2020({ strict: true, allErrors: true, validateFormats: false }),
);

/** Validates against the schema that the functions use. */
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
