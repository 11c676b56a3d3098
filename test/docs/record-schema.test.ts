import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OBJECT_PATHS } from '../conformance/documented-fields.ts';
import { buildRecordDocuments } from '../../lib/local/docs/record-schema-documents.ts';
import { parseDocumentedFields, findQuoted } from '../../lib/local/docs/record-schema-fields.ts';
import { toRecordJsonSchema } from '../../lib/local/docs/record-schema-json.ts';

const DOCUMENT = readFileSync('docs/record.md', 'utf8');
const FIELDS = parseDocumentedFields(DOCUMENT);
const GENERATED = await buildRecordDocuments();

describe('npm run schema', () => {
  it('generates the schema, an example for each purpose, and one of a loyalty program', () => {
    expect([...GENERATED.keys()]).toEqual([
      'record.schema.json',
      'examples/record-code.json',
      'examples/record-promotion.json',
      'examples/record-message.json',
      'examples/record-activity.json',
      'examples/record-loyalty.json',
    ]);
  });

  it.each([...GENERATED.keys()])('generates the committed docs/%s', (file) => {
    expect(readFileSync(`docs/${file}`, 'utf8')).toBe(GENERATED.get(file));
  });
});

describe('the published schema', () => {
  it('has a title from which a generator of types makes a name', () => {
    expect(parseSchema(GENERATED).title).toMatch(/^[A-Z][A-Za-z]+Record$/);
  });

  // the vendor's API specification: the maximum discount amount per order
  it('says of a total limit that it counts for one order', () => {
    const forms = parseSchema(GENERATED).$defs?.['Value']?.oneOf ?? [];
    const limits = forms.flatMap(({ properties = {} }) => properties['totalLimit'] ?? []);
    expect(limits.map(({ description }) => description)).toEqual([
      expect.stringContaining('per order'),
      expect.stringContaining('per order'),
    ]);
  });
});

describe('the tables of docs/record.md', () => {
  it('have a row for every field of a record', () => {
    const lacking = FIELDS.filter(({ field }) => field !== 'holderId');
    expect(() => toRecordJsonSchema(lacking)).toThrow('no row for Voucher.holderId.');
  });

  it('have no row for a field that no record has', () => {
    const [one] = FIELDS;
    if (one === undefined) throw new Error('docs/record.md has no tables');
    const generate = () =>
      toRecordJsonSchema([...FIELDS, { ...one, object: 'Customer', field: 'shoe' }]);
    expect(generate).toThrow("a row for Customer.shoe, which is not in the record's schema.");
  });

  it('say what each field is, and where it comes from', () => {
    const undescribed = FIELDS.filter(({ description }) => description === '');
    const unsourced = FIELDS.filter(({ from }) => from === '').map(({ field }) => field);
    expect(undescribed).toEqual([]);
    // these are not read from the webhook
    const ours = 'specversion datacontenttype dataschema data warnings path message';
    expect(unsourced).toEqual(ours.split(' '));
  });

  it('list the keys of each form of value', () => {
    const forms = parseSchema(GENERATED).$defs?.['Value']?.oneOf ?? [];
    expect(forms.length).toBeGreaterThan(0);
    for (const { properties: { form, ...others } = {} } of forms) {
      const row = DOCUMENT.split('\n').find((line) => line.startsWith(`| \`${form?.const}\` | `));
      expect(findQuoted(row?.split('|')[3] ?? '')).toEqual(Object.keys(others));
    }
  });

  it('explain null for exactly the fields that the schema lets be null', () => {
    const { nullable, never } = classifyNullability(parseSchema(GENERATED));
    const explained = FIELDS.filter(({ whenNull }) => whenNull !== '');
    const unexplained = FIELDS.filter(({ whenNull }) => whenNull === '');
    expect(explained.map(toQualifiedName).filter((name) => !nullable.has(name))).toEqual([]);
    expect(unexplained.map(toQualifiedName).filter((name) => !never.has(name))).toEqual([]);
  });
});

describe('the webhook paths in docs/record.md', () => {
  const pairs = OBJECT_PATHS.flatMap(([, object, paths]) =>
    [...paths].map(([sender, record]) => ({ object, sender, record })),
  );

  it.each([...new Set(pairs.map(({ object }) => object))])(
    'are those that %s is mapped from',
    (object) => {
      const unexplained = pairs
        .filter((pair) => pair.object === object)
        .filter(({ sender, record }) => !isExplained(object, sender, record))
        .map(({ sender, record }) => `${sender} as ${record}`);
      expect(unexplained).toEqual([]);
    },
  );
});

function toQualifiedName({ object, field }: { object: string; field: string }): string {
  return `${object}.${field}`;
}

/** Whether the row of the record's field names the webhook path, or one below it. */
function isExplained(object: string, sender: string, record: string): boolean {
  const from = sender.replaceAll('.#', '[]').replace(/^action\.discount\b/, 'discount');
  const to = record.replaceAll(/\.(?:#|0)(?=\.|$)/g, '');
  const named = `${object.charAt(0).toUpperCase()}${object.slice(1)}`;
  return FIELDS.filter(
    (row) =>
      toQualifiedName(row) === `${named}.${to}` ||
      (to.startsWith('value.') && toQualifiedName(row) === `Value.${to.slice('value.'.length)}`),
  ).some((row) =>
    findQuoted(row.from).some((path) => `${path}[]` === from || `${path}.`.startsWith(`${from}.`)),
  );
}

interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly const?: string;
  readonly type?: string | readonly string[];
  readonly properties?: { readonly [name: string]: SchemaNode };
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly $defs?: { readonly [name: string]: SchemaNode };
}

function parseSchema(generated: ReadonlyMap<string, string>): SchemaNode {
  return JSON.parse(generated.get('record.schema.json') ?? '') as SchemaNode;
}

/** The qualified names of all fields, by whether the schema lets them be null. */
function classifyNullability(root: SchemaNode): { nullable: Set<string>; never: Set<string> } {
  const nullable = new Set<string>();
  const never = new Set<string>();
  const walk = (node: SchemaNode, at: string): void => {
    for (const [name, property] of Object.entries(node.properties ?? {})) {
      const canBeNull = [property, ...(property.anyOf ?? [])].some(({ type = [] }) =>
        [type].flat().includes('null'),
      );
      (canBeNull ? nullable : never).add(`${at}.${name}`);
      walk(property, `${at}.${name}`);
    }
    for (const inner of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) walk(inner, at);
    if (node.items) walk(node.items, at);
  };
  walk(root, 'Record');
  for (const [name, definition] of Object.entries(root.$defs ?? {})) walk(definition, name);
  return { nullable, never };
}
