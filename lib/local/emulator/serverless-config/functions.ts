import * as v from 'valibot';
import { type DeclaredEvents, describeEvents } from './events.ts';
import type { Resolve } from './intrinsics.ts';
import { parseSection } from './parse-section.ts';

/** A function as serverless.yml declares it. */
export interface FunctionDescription {
  readonly name: string;
  readonly deployedName: string;
  /** The module's file without its extension, and the name of the handler in it. */
  readonly module: string;
  readonly exportName: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** The addresses in it are those of the stage parameters, without ports. */
  readonly environment: Readonly<Record<string, string>>;
  readonly events: DeclaredEvents;
}

/** What osls takes when serverless.yml says nothing. */
const DEFAULT_TIMEOUT_SECONDS = 6;
const DEFAULT_MEMORY_MB = 1_024;

const HandlerSchema = v.pipe(v.string(), v.regex(/^[^.].*\.[^./]+$/, 'is not like file.export'));
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
/** The part of `provider` that holds for every function. */
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
 * @param prefix begins the deployed name of a function that was given none
 * @throws StartError that lists what cannot be understood
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
