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
