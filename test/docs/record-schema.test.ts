import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OBJECT_PLACES } from '../conformance/documented-fields.ts';
import { recordDocuments } from '../../lib/local/docs/record-schema-documents.ts';
import { documentedFields, quoted } from '../../lib/local/docs/record-schema-fields.ts';
import { recordJsonSchema } from '../../lib/local/docs/record-schema-json.ts';

const DOCUMENT = readFileSync('docs/record.md', 'utf8');
const FIELDS = documentedFields(DOCUMENT);
const MADE = await recordDocuments();

describe('what npm run schema makes', () => {
  it('is the schema, and an example for each purpose', () => {
    expect([...MADE.keys()]).toEqual([
      'record.schema.json',
      'examples/record-code.json',
      'examples/record-promotion.json',
      'examples/record-message.json',
      'examples/record-activity.json',
    ]);
  });

  it.each([...MADE.keys()])('is what stands in docs/%s', (file) => {
    expect(readFileSync(`docs/${file}`, 'utf8')).toBe(MADE.get(file));
  });
});

describe('the tables of docs/record.md', () => {
  it('have a row for every field of a record', () => {
    const lacking = FIELDS.filter(({ field }) => field !== 'holderId');
    expect(() => recordJsonSchema(lacking)).toThrow('no row for Voucher.holderId.');
  });

  it('have no row for anything else', () => {
    const [one] = FIELDS;
    if (one === undefined) throw new Error('docs/record.md has no tables');
    const making = () =>
      recordJsonSchema([...FIELDS, { ...one, object: 'Customer', field: 'shoe' }]);
    expect(making).toThrow('a row for Customer.shoe, which no record has.');
  });

  it('say what each thing is, and where it comes from', () => {
    const untold = FIELDS.filter(({ whatItIs }) => whatItIs === '');
    const unsourced = FIELDS.filter(({ from }) => from === '').map(({ field }) => field);
    expect(untold).toEqual([]);
    // what we say ourselves
    const ours = 'specversion datacontenttype dataschema data warnings path message';
    expect(unsourced).toEqual(ours.split(' '));
  });

  it('name the keys of each form of value', () => {
    const forms = schemaOf(MADE).$defs?.['Value']?.oneOf ?? [];
    expect(forms.length).toBeGreaterThan(0);
    for (const { properties: { form, ...others } = {} } of forms) {
      const row = DOCUMENT.split('\n').find((line) => line.startsWith(`| \`${form?.const}\` | `));
      expect(quoted(row?.split('|')[3] ?? '')).toEqual(Object.keys(others));
    }
  });

  it('give null an explanation exactly where the schema allows null', () => {
    const { nullable, never } = nullabilityOf(schemaOf(MADE));
    const explained = FIELDS.filter(({ whenNull }) => whenNull !== '');
    const unexplained = FIELDS.filter(({ whenNull }) => whenNull === '');
    expect(explained.map(nameOf).filter((name) => !nullable.has(name))).toEqual([]);
    expect(unexplained.map(nameOf).filter((name) => !never.has(name))).toEqual([]);
  });
});

describe('the paths of the sender in docs/record.md', () => {
  const pairs = OBJECT_PLACES.flatMap(([, object, places]) =>
    [...places].map(([sender, record]) => ({ object, sender, record })),
  );

  it.each([...new Set(pairs.map(({ object }) => object))])(
    'are those that %s is read from',
    (object) => {
      const unexplained = pairs
        .filter((pair) => pair.object === object)
        .filter(({ sender, record }) => !isExplained(object, sender, record))
        .map(({ sender, record }) => `${sender} as ${record}`);
      expect(unexplained).toEqual([]);
    },
  );
});

function nameOf({ object, field }: { object: string; field: string }): string {
  return `${object}.${field}`;
}

/** Says whether a row of the record's field names the sender's path, or one further in. */
function isExplained(object: string, sender: string, record: string): boolean {
  const from = sender.replaceAll('.#', '[]').replace(/^action\.discount\b/, 'discount');
  const to = record.replaceAll(/\.(?:#|0)(?=\.|$)/g, '');
  const named = `${object.charAt(0).toUpperCase()}${object.slice(1)}`;
  return FIELDS.filter(
    (row) =>
      nameOf(row) === `${named}.${to}` ||
      (to.startsWith('value.') && nameOf(row) === `Value.${to.slice('value.'.length)}`),
  ).some((row) =>
    quoted(row.from).some((path) => `${path}[]` === from || `${path}.`.startsWith(`${from}.`)),
  );
}

interface SchemaNode {
  readonly const?: string;
  readonly type?: string | readonly string[];
  readonly properties?: { readonly [name: string]: SchemaNode };
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly $defs?: { readonly [name: string]: SchemaNode };
}

function schemaOf(made: ReadonlyMap<string, string>): SchemaNode {
  return JSON.parse(made.get('record.schema.json') ?? '') as SchemaNode;
}

/** The names of all fields, by whether the schema lets them be null. */
function nullabilityOf(root: SchemaNode): { nullable: Set<string>; never: Set<string> } {
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
