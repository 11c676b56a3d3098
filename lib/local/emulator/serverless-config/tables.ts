import * as v from 'valibot';
import type { ResolvedResource } from './known-resources.ts';
import { parseSection } from './parse-section.ts';

const KeysSchema = v.array(
  v.object({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }),
);

/** What decides how a table behaves; billing, backups and tags do not matter here. */
const TableSchema = v.object({
  AttributeDefinitions: v.array(
    v.object({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) }),
  ),
  KeySchema: KeysSchema,
  GlobalSecondaryIndexes: v.optional(
    v.array(
      v.object({
        IndexName: v.string(),
        KeySchema: KeysSchema,
        Projection: v.object({ ProjectionType: v.picklist(['ALL', 'KEYS_ONLY']) }),
      }),
    ),
  ),
  TimeToLiveSpecification: v.optional(
    v.object({ AttributeName: v.string(), Enabled: v.boolean() }),
  ),
});

/** A table, ready to be created. */
export interface TableDescription {
  readonly id: string;
  readonly name: string;
  readonly definition: Omit<v.InferOutput<typeof TableSchema>, 'TimeToLiveSpecification'>;
  /** Where an item says when it may be removed. The emulator never removes one by itself. */
  readonly timeToLiveAttribute: string | null;
}

/** @throws StartError that lists what cannot be understood */
export function describeTable({ id, name, properties }: ResolvedResource): TableDescription {
  const { TimeToLiveSpecification: timeToLive, ...definition } = parseSection(
    TableSchema,
    properties,
    `resources.${id}`,
  );
  const timeToLiveAttribute = timeToLive?.Enabled === true ? timeToLive.AttributeName : null;
  return { id, name, definition: definition, timeToLiveAttribute };
}
