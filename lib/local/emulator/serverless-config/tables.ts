import * as v from 'valibot';
import type { ResolvedResource } from './known-resources.ts';
import { parseSection } from './parse-section.ts';

const KeysSchema = v.array(
  v.object({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }),
);

/** The properties that the emulator uses; billing, backups and tags have no effect in it. */
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

/** A table to create. */
export interface TableDescription {
  readonly id: string;
  readonly name: string;
  readonly definition: Omit<v.InferOutput<typeof TableSchema>, 'TimeToLiveSpecification'>;
  /** The attribute of the time to live; null without one. The emulator never deletes expired items. */
  readonly timeToLiveAttribute: string | null;
}

/** Reads a declared table. @throws StartError that lists what is not valid */
export function describeTable({ id, name, properties }: ResolvedResource): TableDescription {
  const { TimeToLiveSpecification: timeToLive, ...definition } = parseSection(
    TableSchema,
    properties,
    `resources.${id}`,
  );
  const timeToLiveAttribute = timeToLive?.Enabled === true ? timeToLive.AttributeName : null;
  return { id, name, definition, timeToLiveAttribute };
}
