import { toJsonSchema } from '@valibot/to-json-schema';
import { Ajv, type AnySchemaObject } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import * as fields from '../../../lib/voucherify/fields.ts';
import { webhookSchemas } from './webhook-schemas.ts';

/** The checks that are functions in Valibot, in JSON Schema. It cannot check that a date exists. */
const CHECKS: Readonly<Record<string, AnySchemaObject>> = {
  [fields.EXPECTED_ID]: { type: 'string', minLength: 1, maxLength: 512 },
  [fields.EXPECTED_TIME]: {
    type: 'string',
    pattern: '^\\d{4}-\\d{2}-\\d{2}(T[\\d:.]+(Z|[+-][\\d:]+))?$',
  },
  [fields.EXPECTED_NUMBER]: { type: 'number', minimum: 0 },
  [fields.EXPECTED_PERCENT]: { type: 'number', minimum: 0, maximum: 100 },
  [fields.EXPECTED_OBJECT]: { type: 'object' },
  [fields.EXPECTED_LIST]: { type: 'array', maxItems: 500 },
  [fields.EXPECTED_STRING_LIST]: { type: 'array', items: { type: 'string' } },
  [fields.EXPECTED_WEEKDAYS]: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 6 } },
};

/** Generates a module with one ajv function per schema, before the handler is bundled. */
export function generateAjvValidators(): string {
  const ajv = new Ajv({ code: { source: true, esm: true }, strict: false });
  const names = Object.entries(webhookSchemas).map(([name, schema]) => {
    const json = toJsonSchema(schema, {
      errorMode: 'ignore',
      overrideSchema: ({ valibotSchema }) =>
        'message' in valibotSchema && valibotSchema.type === 'custom'
          ? CHECKS[String(valibotSchema.message)]
          : undefined,
    });
    ajv.addSchema({ ...json } as AnySchemaObject, name);
    return name;
  });
  const code = standaloneCode.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
  return `${code}\nexport const validators = { ${names.join(', ')} };\n`;
}
