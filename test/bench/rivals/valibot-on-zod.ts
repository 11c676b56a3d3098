import * as z from 'zod';

// Replaces Valibot in a bundle: the same schemas, made with zod. It has only the functions that receive
// uses. Each is marked as free of side effects, as Valibot's are, so that unused schemas are left out.

type Step = (schema: z.Schema) => z.Schema;

const toOptions = (message: string | undefined) =>
  message === undefined ? undefined : { error: message };

/* @__NO_SIDE_EFFECTS__ */
export const string = (message?: string): z.Schema => z.string(toOptions(message));
/* @__NO_SIDE_EFFECTS__ */
export const number = (message?: string): z.Schema => z.number(toOptions(message));
/* @__NO_SIDE_EFFECTS__ */
export const boolean = (message?: string): z.Schema => z.boolean(toOptions(message));
/* @__NO_SIDE_EFFECTS__ */
export const unknown = (): z.Schema => z.unknown();
/* @__NO_SIDE_EFFECTS__ */
export const literal = (value: unknown): z.Schema => z.literal(value);
/* @__NO_SIDE_EFFECTS__ */
export const picklist = (values: readonly string[], message?: string): z.Schema =>
  z.enum(values, toOptions(message));
/* @__NO_SIDE_EFFECTS__ */
export const array = (item: z.Schema): z.Schema => z.array(item);
/* @__NO_SIDE_EFFECTS__ */
export const record = (key: z.Schema, value: z.Schema): z.Schema => z.record(key, value);
/* @__NO_SIDE_EFFECTS__ */
export const variant = (key: string, options: readonly z.Schema[]): z.Schema =>
  z.discriminatedUnion(key, options);
/* @__NO_SIDE_EFFECTS__ */
export const intersect = (schemas: readonly z.Schema[]): z.Schema =>
  schemas.reduce((all, schema) => z.intersection(all, schema));
/* @__NO_SIDE_EFFECTS__ */
export const nullable = (schema: z.Schema): z.Schema => schema.nullable();
/* @__NO_SIDE_EFFECTS__ */
export const nullish = (schema: z.Schema): z.Schema => schema.nullish();
/* @__NO_SIDE_EFFECTS__ */
export const exactOptional = (schema: z.Schema): z.Schema => schema.optional();
/* @__NO_SIDE_EFFECTS__ */
export const optional = (schema: z.Schema, fallback?: unknown): z.Schema =>
  fallback === undefined ? schema.optional() : schema.default(fallback);
/* @__NO_SIDE_EFFECTS__ */
export const custom = (isValid: (value: unknown) => boolean, message?: string): z.Schema =>
  z.custom(isValid, message);

/** Valibot's object schemas have `entries`, from which other object schemas are made. */
/* @__NO_SIDE_EFFECTS__ */
export const object = (entries: z.Entries, message?: string): z.Schema & { entries: z.Entries } =>
  Object.assign(z.object(entries, toOptions(message)), { entries });
/* @__NO_SIDE_EFFECTS__ */
export const looseObject = (entries: z.Entries, message?: string) =>
  Object.assign(z.looseObject(entries, toOptions(message)), { entries });

/* @__NO_SIDE_EFFECTS__ */
export const check =
  (isValid: (value: never) => boolean, message?: string): Step =>
  (schema) =>
    schema.refine(isValid, message);
/* @__NO_SIDE_EFFECTS__ */
export const nonEmpty = (message?: string): Step => check((text) => text !== '', message);
/* @__NO_SIDE_EFFECTS__ */
export const email = (): Step => (schema) => schema.pipe(z.email());
/* @__NO_SIDE_EFFECTS__ */
export const transform =
  (change: (value: never) => unknown): Step =>
  (schema) =>
    schema.transform(change);
/* @__NO_SIDE_EFFECTS__ */
export const pipe = (first: z.Schema, ...steps: readonly (Step | z.Schema)[]): z.Schema =>
  steps.reduce<z.Schema>(
    (schema, step) => (typeof step === 'function' ? step(schema) : schema.pipe(step)),
    first,
  );

export const is = (schema: z.Schema, input: unknown): boolean => schema.safeParse(input).success;

interface ValibotIssue {
  readonly message: string;
  readonly path: readonly { readonly key: PropertyKey }[];
}

export function safeParse(schema: z.Schema, input: unknown) {
  const result = schema.safeParse(input);
  if (result.success) return { success: true, output: result.data };
  const issues = result.error.issues.map((issue): ValibotIssue => ({
    message: issue.message,
    path: issue.path.map((key) => ({ key })),
  }));
  return { success: false, issues };
}

export const getDotPath = ({ path }: ValibotIssue): string =>
  path.map(({ key }) => String(key)).join('.');
