import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ASSUMPTIONS } from './assumptions.ts';
import { compileCondition, compileUpdate, type Item } from './expressions.ts';
import type { Environment } from './lambda.ts';

/** What a table is billed for: units of on-demand capacity. */
export interface TableCounts {
  writeUnits: number;
  readUnits: number;
}

/** A table with the keys `id` and `destination`, in memory. */
export interface Table {
  readonly counts: TableCounts;
  readonly rows: ReadonlyMap<string, Item>;
  /** Removes a row that nothing asks for any more, so that a million of them need no memory. */
  readonly drop: (id: string, destination: string) => Item | undefined;
  /** A client for the product's own table code, which runs in that environment. */
  readonly createClient: (environment: Environment) => DynamoDBClient;
}

const WRITE_UNIT_BYTES = 1_024;
const READ_UNIT_BYTES = 4_096;

/** Creates an empty table. It carries out the calls that lib/deliveries makes, and no others. */
export function createTable(): Table {
  const counts: TableCounts = { writeUnits: 0, readUnits: 0 };
  const rows = new Map<string, Item>();
  const conditions = new Map<string, ReturnType<typeof compileCondition>>();
  const updates = new Map<string, ReturnType<typeof compileUpdate>>();

  const update = ({ input }: UpdateItemCommand): { Attributes?: Item } => {
    const key = toKey(input.Key);
    const before = rows.get(key) ?? {};
    const placeholders = {
      names: input.ExpressionAttributeNames ?? {},
      values: input.ExpressionAttributeValues ?? {},
    };
    const condition = input.ConditionExpression;
    if (condition !== undefined) {
      const isMet = getOrCreate(conditions, condition, compileCondition);
      if (!isMet(before, placeholders)) {
        counts.writeUnits += countUnits(before, WRITE_UNIT_BYTES);
        throw new ConditionalCheckFailedException({ message: 'not met', $metadata: {} });
      }
    }
    const after: Item = { ...before, ...input.Key };
    getOrCreate(updates, input.UpdateExpression ?? '', compileUpdate)(after, placeholders);
    rows.set(key, after);
    counts.writeUnits += Math.max(
      countUnits(before, WRITE_UNIT_BYTES),
      countUnits(after, WRITE_UNIT_BYTES),
    );
    counts.writeUnits += countIndexUnits(before, after);
    if (input.ReturnValues === undefined) return {};
    if (input.ReturnValues === 'ALL_OLD') return { Attributes: before };
    throw new Error(`ReturnValues that the model does not know: ${input.ReturnValues}`);
  };
  const carryOut = (command: object): object => {
    if (command instanceof UpdateItemCommand) return update(command);
    if (command instanceof GetItemCommand) {
      const item = rows.get(toKey(command.input.Key));
      const units = countUnits(item ?? {}, READ_UNIT_BYTES);
      counts.readUnits += command.input.ConsistentRead === true ? units : units / 2;
      return item === undefined ? {} : { Item: item };
    }
    throw new Error(`The model of the table knows no ${command.constructor.name}`);
  };
  return {
    counts,
    rows,
    drop(id, destination) {
      const key = toKey({ id: { S: id }, destination: { S: destination } });
      const row = rows.get(key);
      rows.delete(key);
      return row;
    },
    createClient(environment) {
      const send = (command: object): Promise<object> =>
        environment.call(ASSUMPTIONS.cpuPerCallMs.value, ASSUMPTIONS.tableMs.value, () =>
          carryOut(command),
        );
      return { send } as unknown as DynamoDBClient;
    },
  };
}

function toKey(key: Record<string, AttributeValue> | undefined): string {
  const [id, destination] = [key?.['id']?.S, key?.['destination']?.S];
  if (id === undefined || destination === undefined) throw new Error('A key without its two parts');
  return `${destination} ${id}`;
}

/**
 * What the index over rows that wait or are dead is billed for: an entry that comes, one that goes, both when
 * its place changes (Amazon DynamoDB Developer Guide, "Using Global Secondary Indexes", write capacity).
 */
function countIndexUnits(before: Item, after: Item): number {
  const toPlace = ({ stateShard, lastAt }: Item): string | null =>
    stateShard?.S === undefined || lastAt?.S === undefined ? null : `${stateShard.S} ${lastAt.S}`;
  const [from, to] = [toPlace(before), toPlace(after)];
  if (from === to) return to === null ? 0 : countUnits(after, WRITE_UNIT_BYTES);
  const left = from === null ? 0 : countUnits(before, WRITE_UNIT_BYTES);
  return left + (to === null ? 0 : countUnits(after, WRITE_UNIT_BYTES));
}

/** Names and values count (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats"). */
function countUnits(item: Item, unitBytes: number): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += name.length + measure(value);
  return Math.max(1, Math.ceil(bytes / unitBytes));
}

function measure(value: AttributeValue): number {
  if (value.S !== undefined) return value.S.length;
  if (value.N !== undefined) return 1 + value.N.length / 2;
  if (value.NS !== undefined) return value.NS.reduce((sum, entry) => sum + 1 + entry.length / 2, 0);
  if (value.M === undefined) return 1;
  return Object.entries(value.M).reduce(
    (sum, [name, part]) => sum + 1 + name.length + measure(part),
    3,
  );
}

function getOrCreate<Value>(
  map: Map<string, Value>,
  text: string,
  create: (text: string) => Value,
): Value {
  const known = map.get(text);
  if (known !== undefined) return known;
  const created = create(text);
  map.set(text, created);
  return created;
}
