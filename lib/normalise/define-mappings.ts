import type { Mapping } from './mapping.ts';

/** What a part of an address may be made of without being escaped. */
const MAPPING_NAME = /^[a-z0-9][a-z0-9-]*$/;

/**
 * Names a merchant's schemas, so that an address can ask for one of them.
 * @param schemas each gives the vendor's object shape, or a part of it
 * @throws when a name would not stand in an address as it is
 */
export function defineMappings(schemas: {
  readonly [name: string]: Mapping['schema'];
}): ReadonlyMap<string, Mapping> {
  return new Map(
    Object.entries(schemas).map(([name, schema]) => {
      if (!MAPPING_NAME.test(name)) {
        throw new Error(`The mapping "${name}" needs a name of a-z, 0-9 and dashes.`);
      }
      return [name, { name, schema }];
    }),
  );
}
