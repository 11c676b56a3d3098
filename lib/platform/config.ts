import * as v from 'valibot';

/** An invalid configuration. The message lists every fault at once, by the name of its variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** What is wrong with an address. A fault of one destination, which must not stop the others. */
export const NOT_A_URL = 'is not a URL';
export const NOT_HTTPS = 'does not begin with https://';
export const HAS_CREDENTIALS =
  'holds a user or a password: keep it in a secret, and send it by basic(...) in headers';

/** An optional variable: null when it is missing or empty. serverless.yml sets a parameter that is left out to ''. */
export const OptionalStringSchema = v.pipe(
  v.optional(v.string(), ''),
  v.transform((text) => (text === '' ? null : text)),
);

/** A schema for an optional variable that is `fallback` when it is missing or empty. */
export function stringWithDefault(fallback: string): v.GenericSchema<string | undefined, string> {
  return v.pipe(
    v.optional(v.string(), ''),
    v.transform((text) => (text === '' ? fallback : text)),
  );
}

/** A required variable that must not be empty. */
export const RequiredStringSchema = v.pipe(v.string(), v.nonEmpty('is empty'));

/** A required URL. */
export const RequiredUrlSchema = v.pipe(
  v.string(),
  v.check((text) => URL.canParse(text), NOT_A_URL),
);

/** An optional URL: null when it is missing or empty. */
export const OptionalUrlSchema = v.pipe(
  OptionalStringSchema,
  v.check((text) => text === null || URL.canParse(text), NOT_A_URL),
);

/** An optional currency (ISO 4217: three capital letters): null when it is missing or empty. */
export const CurrencySchema = v.pipe(
  OptionalStringSchema,
  v.check(
    (text) => text === null || /^[A-Z]{3}$/.test(text),
    'is not a currency of three capital letters (ISO 4217)',
  ),
);

/**
 * Reads and validates the settings of a function.
 * @param schema an object schema with an entry for each environment variable
 * @param env the environment; only the entry files in functions/ pass it in
 * @returns the output of the schema
 * @throws ConfigError that names every invalid variable and says how to fix it. It contains no values,
 * which may be secret.
 */
export function readConfig<const Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, env);
  if (result.success) return result.output;
  throw new ConfigError(describeFaults(result.issues));
}

/**
 * Reads settings as `readConfig` does, and those of parts that can be at fault by themselves. An address
 * of such a part that is not valid is returned as it is: the part that uses it waits, and the others work.
 * @param required the schema of settings without which nothing works
 * @param partial the schema of the parts' settings
 * @throws ConfigError as `readConfig` does, with the faults of both
 */
export function readPartialConfig<
  const Required extends v.GenericSchema<unknown, object>,
  const Partial extends v.GenericSchema<unknown, object>,
>(
  required: Required,
  partial: Partial,
  env: NodeJS.ProcessEnv,
): v.InferOutput<Required> & v.InferOutput<Partial> {
  const ours = v.safeParse(required, env);
  const theirs = v.safeParse(partial, env);
  const isUsable =
    theirs.typed && (theirs.issues ?? []).every(({ message }) => ADDRESS_FAULTS.has(message));
  if (ours.success && isUsable) return { ...ours.output, ...theirs.output };
  throw new ConfigError(describeFaults([...(ours.issues ?? []), ...(theirs.issues ?? [])]));
}

const ADDRESS_FAULTS: ReadonlySet<string> = new Set([NOT_A_URL, NOT_HTTPS, HAS_CREDENTIALS]);

function describeFaults(issues: readonly v.BaseIssue<unknown>[]): string {
  const faults = issues.map((issue) => {
    const received = issue.received === 'undefined' ? 'is missing' : issue.message;
    return `  ${v.getDotPath(issue) ?? '(environment)'} ${received}`;
  });
  return [
    `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:`,
    ...faults,
    'Set them under provider.environment or functions.*.environment in serverless.yml, or as stage parameters.',
  ].join('\n');
}
