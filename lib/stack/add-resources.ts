import * as v from 'valibot';

const NamedSchema = v.optional(v.record(v.string(), v.unknown()), {});
/** The sections of a template that a part can have, by the names that osls gives them. */
const SectionsSchema = v.object({
  Resources: NamedSchema,
  Outputs: NamedSchema,
  extensions: NamedSchema,
});
const ConfigurationSchema = v.looseObject({
  // null for a part that the stage parameters leave out
  custom: v.looseObject({
    relay: v.looseObject({ resources: v.array(v.nullable(v.looseObject({}))) }),
  }),
});
const OwnSchema = v.object({ resources: v.nullish(SectionsSchema, {}) });
type Sections = v.InferOutput<typeof SectionsSchema>;

/**
 * Moves the resources that every project has (custom.relay.resources) to those that a project declares
 * itself. YAML cannot extend a list from another file, so a project would have to name each part.
 * @param configuration the resolved serverless configuration; its list is emptied
 * @returns what replaces its `resources`; null when it has no custom.relay.resources
 * @throws ResourcesError when the project declares an id that is taken
 */
export function joinResources(configuration: unknown): Sections | null {
  if (!v.is(ConfigurationSchema, configuration)) return null;
  const { relay } = configuration.custom;
  const parts = v.parse(v.array(v.nullable(SectionsSchema)), relay.resources);
  const { resources } = v.parse(OwnSchema, configuration);
  relay.resources = [];
  const joined: Sections = { Resources: {}, Outputs: {}, extensions: {} };
  const taken: string[] = [];
  for (const part of [...parts, resources]) {
    for (const section of ['Resources', 'Outputs', 'extensions'] as const) {
      for (const [id, value] of Object.entries(part?.[section] ?? {})) {
        if (Object.hasOwn(joined[section], id)) taken.push(`resources.${section}.${id}`);
        joined[section][id] = value;
      }
    }
  }
  if (taken.length > 0) {
    throw new ResourcesError(
      `serverless.yml declares what voucher-relay has itself: ${taken.join(', ')}. Give it another name.`,
    );
  }
  return joined;
}

/** The resources of serverless.yml cannot be joined with those of voucher-relay. */
export class ResourcesError extends Error {
  override readonly name = 'ResourcesError';
}
