import * as v from 'valibot';

/** A configuration that cannot be used. The message lists every fault at once, by variable name. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A variable that may be left out; serverless.yml sets what is left out to an empty text. */
export const OptionalStringSchema = v.pipe(
  v.optional(v.string(), ''),
  v.transform((text) => (text === '' ? null : text)),
);

/** A variable that stands for `fallback` where it is left out or empty. */
export function stringWithDefault(fallback: string): v.GenericSchema<string | undefined, string> {
  return v.pipe(
    v.optional(v.string(), ''),
    v.transform((text) => (text === '' ? fallback : text)),
  );
}

/** A variable that must be there and not empty. */
export const RequiredStringSchema = v.pipe(v.string(), v.nonEmpty('is empty'));

/** An address that must be there. */
export const RequiredUrlSchema = v.pipe(
  v.string(),
  v.check((text) => URL.canParse(text), 'is not a URL'),
);

/** An address that may be left out. */
export const OptionalUrlSchema = v.pipe(
  v.optional(v.string(), ''),
  v.check((text) => text === '' || URL.canParse(text), 'is not a URL'),
  v.transform((text) => (text === '' ? null : text)),
);

/**
 * Reads settings out of environment variables.
 * @param schema one entry a variable
 * @param env the environment, passed in and read nowhere else
 * @returns what the schema makes of them
 * @throws ConfigError naming every variable that is wrong and how to mend it; never a value
 */
export function readConfig<const Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, env);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => {
    const received = issue.received === 'undefined' ? 'is missing' : issue.message;
    return `  ${v.getDotPath(issue) ?? '(environment)'} ${received}`;
  });
  throw new ConfigError(
    [
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:`,
      ...faults,
      'Set them under provider.environment or functions.*.environment in serverless.yml, or as stage parameters.',
    ].join('\n'),
  );
}
