import * as v from 'valibot';
import { type DeclaredEvents, describeEvents } from './events.ts';
import type { Resolve } from './intrinsics.ts';
import { parseSection } from './parse-section.ts';

/** A function as serverless.yml declares it. */
export interface FunctionDescription {
  readonly name: string;
  readonly deployedName: string;
  /** The file of the handler, without its extension. */
  readonly module: string;
  /** The name of the handler in the file. */
  readonly exportName: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Local URLs in it have no port yet; see local-addresses.ts. */
  readonly environment: Readonly<Record<string, string>>;
  readonly events: DeclaredEvents;
}

/** The defaults of osls. */
const DEFAULT_TIMEOUT_SECONDS = 6;
const DEFAULT_MEMORY_MB = 1_024;

const HandlerSchema = v.pipe(
  v.string(),
  v.regex(/^[^.].*\.[^./]+$/, 'does not have the form file.export'),
);
const EnvironmentSchema = v.pipe(
  v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
  v.transform((variables) =>
    Object.fromEntries(
      Object.entries(variables)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, String(value)]),
    ),
  ),
);

const defaultsSchemaEntries = {
  timeout: v.optional(v.number()),
  memorySize: v.optional(v.number()),
  environment: v.optional(v.unknown(), {}),
};
/** The part of `provider` that applies to every function. */
export const FunctionDefaultsSchema = v.object(defaultsSchemaEntries);
export type FunctionDefaults = v.InferOutput<typeof FunctionDefaultsSchema>;
const FunctionSchema = v.object({
  ...defaultsSchemaEntries,
  name: v.optional(v.string()),
  handler: HandlerSchema,
  events: v.optional(v.array(v.unknown()), []),
});

/**
 * Reads one function of serverless.yml.
 * @param prefix the first part of the deployed name, when the function has no `name`
 * @throws StartError that lists what is not valid
 */
export function describeFunction(
  name: string,
  declared: unknown,
  defaults: FunctionDefaults,
  prefix: string,
  resolve: Resolve,
): FunctionDescription {
  const where = `functions.${name}`;
  const settings = parseSection(FunctionSchema, declared, where);
  const parseVariables = (value: unknown, section: string): Record<string, string> =>
    parseSection(
      EnvironmentSchema,
      resolve(value, `${section}.environment`),
      `${section}.environment`,
    );
  const dot = settings.handler.lastIndexOf('.');
  return {
    name,
    deployedName: settings.name ?? `${prefix}-${name}`,
    module: settings.handler.slice(0, dot),
    exportName: settings.handler.slice(dot + 1),
    timeoutSeconds: settings.timeout ?? defaults.timeout ?? DEFAULT_TIMEOUT_SECONDS,
    memoryMb: settings.memorySize ?? defaults.memorySize ?? DEFAULT_MEMORY_MB,
    environment: {
      ...parseVariables(defaults.environment, 'provider'),
      ...parseVariables(settings.environment, where),
    },
    events: describeEvents(settings.events, where, resolve),
  };
}
