import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import {
  CampaignSchema,
  CustomerSchema,
  DistributionSchema,
  IssueSchema,
  LoyaltySchema,
  PromotionTierSchema,
  PublicationSchema,
  RECORD_SCHEMA_ID,
  RecordDataSchema,
  RelayRecordSchema,
  ValueSchema,
  VoucherSchema,
} from '../../record/record.ts';
import { isJsonObject, type JsonObject } from '../../voucherify/json.ts';
import { StartError } from '../emulator/start-error.ts';
import type { DocumentedField } from './record-schema-fields.ts';

/** The definitions of the schema; the record itself is the root. */
const DEFINITIONS = {
  Data: RecordDataSchema,
  Distribution: DistributionSchema,
  Campaign: CampaignSchema,
  Voucher: VoucherSchema,
  Value: ValueSchema,
  PromotionTier: PromotionTierSchema,
  Customer: CustomerSchema,
  Publication: PublicationSchema,
  Loyalty: LoyaltySchema,
  Issue: IssueSchema,
};
const ROOT = 'Record';

/** Formats that every record satisfies, but that the Valibot schema does not check. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['Record.source', 'uri-reference'],
  ['Record.time', 'date-time'],
  ['Record.dataschema', 'uri'],
  ['Data.receivedAt', 'date-time'],
]);

/**
 * Converts the record's Valibot schema to JSON Schema 2020-12.
 * @param fields the fields of docs/record.md; they become the descriptions
 * @throws StartError when a field has no description, or a description has no field
 */
export function toRecordJsonSchema(fields: readonly DocumentedField[]): JsonObject {
  const { $schema, $defs, ...root } = toJsonSchema(RelayRecordSchema, {
    target: 'draft-2020-12',
    definitions: DEFINITIONS,
    overrideSchema: ({ valibotSchema, jsonSchema }) => toPublished(valibotSchema.type, jsonSchema),
  });
  const missing = new Set<string>();
  const unused = new Map(fields.map((field) => [`${field.object}.${field.field}`, field]));
  const known = new Map(unused);

  function annotateProperty(name: string, property: unknown): unknown {
    const field = known.get(name);
    if (field === undefined) missing.add(name);
    unused.delete(name);
    const inner = describeNode(property, name);
    if (field === undefined || !isJsonObject(inner)) return inner;
    const format = FORMATS.get(name);
    return { description: formatDescription(field), ...inner, ...(format ? { format } : {}) };
  }

  function describeNode(node: unknown, path: string): unknown {
    if (Array.isArray(node)) return node.map((item: unknown) => describeNode(item, path));
    if (!isJsonObject(node)) return node;
    return mapValues(node, (value, key) =>
      key === 'properties' && isJsonObject(value)
        ? mapValues(value, (property, name) => annotateProperty(`${path}.${name}`, property))
        : describeNode(value, path),
    );
  }

  const definitions = mapValues($defs ?? {}, (definition, name) => describeNode(definition, name));
  const body = describeNode(root, ROOT);
  if (missing.size + unused.size > 0)
    throw new StartError(formatMismatches(missing, unused.keys()));
  return {
    $schema,
    $id: RECORD_SCHEMA_ID,
    // generators of types take it for the name of the type
    title: 'VoucherRelayRecord',
    description: 'One webhook of Voucherify, as a CloudEvents 1.0 event. See docs/record.md.',
    ...(isJsonObject(body) ? body : {}),
    $defs: definitions,
  };
}

/**
 * Not in every event: an unknown customer's id, what an HTTP destination leaves out by default, and a key
 * that records of an earlier release lack.
 */
const OPTIONAL_KEYS: ReadonlySet<string> = new Set(['subject', 'unmapped', 'loyalty']);

/**
 * The functions read an older record without the keys that came after it. What they write has every
 * key, and that is what the published schema describes.
 */
function toPublished(type: string, jsonSchema: JsonSchema): JsonSchema | null {
  const { default: onlyForReading, ...published } = jsonSchema;
  switch (type) {
    case 'custom':
      return { type: 'object' };
    case 'object': {
      const required = Object.keys(published.properties ?? {});
      return { ...published, required: required.filter((key) => !OPTIONAL_KEYS.has(key)) };
    }
    case 'nullable':
    case 'nullish':
      return mergeNullType(published) ?? published;
    default:
      return onlyForReading === undefined ? null : published;
  }
}

/** Writes `anyOf` of a type and null as `{"type": ["string", "null"]}`, which means the same and is easier to read. */
function mergeNullType(schema: JsonSchema): JsonSchema | null {
  const [inner] = schema.anyOf ?? [];
  if (typeof inner !== 'object' || typeof inner.type !== 'string' || inner.enum) return null;
  return { ...inner, type: [inner.type, 'null'] };
}

/** Builds a field's description, without the links to other parts of docs/record.md. */
function formatDescription({ description, whenNull }: DocumentedField): string {
  const text = description.replaceAll(/\. See \[[^\]]+\]\([^)]+\)/g, '');
  return whenNull === '' ? text : `${text}. Null: ${whenNull}`;
}

function mapValues(
  object: object,
  transform: (value: unknown, key: string) => unknown,
): { readonly [key: string]: unknown } {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]: [string, unknown]) => [key, transform(value, key)]),
  );
}

function formatMismatches(missing: Iterable<string>, unused: Iterable<string>): string {
  return [
    ...[...missing].map(
      (name) => `docs/record.md has no row for ${name}. Add one to the table of its object.`,
    ),
    ...[...unused].map(
      (name) =>
        `docs/record.md has a row for ${name}, which is not in the record's schema. Remove it.`,
    ),
  ].join('\n');
}
