// What the rivals use of packages that the project itself does not install (test/bench/package.json).

declare module 'zod' {
  export interface Schema {
    safeParse(
      input: unknown,
    ):
      | { readonly success: true; readonly data: unknown }
      | { readonly success: false; readonly error: { readonly issues: readonly ZodIssue[] } };
    nullable(): Schema;
    nullish(): Schema;
    optional(): Schema;
    default(value: unknown): Schema;
    refine(isValid: (value: never) => boolean, message?: string): Schema;
    transform(change: (value: never) => unknown): Schema;
    pipe(next: Schema): Schema;
  }
  export interface ZodIssue {
    readonly path: readonly PropertyKey[];
    readonly message: string;
  }
  export type Entries = Readonly<Record<string, Schema>>;
  interface Options {
    readonly error: string;
  }
  export function string(options?: Options): Schema;
  export function number(options?: Options): Schema;
  export function boolean(options?: Options): Schema;
  export function email(): Schema;
  export function unknown(): Schema;
  export function literal(value: unknown): Schema;
  export function array(item: Schema): Schema;
  export function record(key: Schema, value: Schema): Schema;
  export function intersection(one: Schema, other: Schema): Schema;
  export function discriminatedUnion(key: string, options: readonly Schema[]): Schema;
  export function object(entries: Entries, options?: Options): Schema;
  export function looseObject(entries: Entries, options?: Options): Schema;
  export function custom(isValid: (value: unknown) => boolean, message?: string): Schema;
  const makeEnum: (values: readonly string[], options?: Options) => Schema;
  export { makeEnum as enum };
}

declare module '@middy/core' {
  import type { Context } from 'aws-lambda';

  type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;
  interface Middied<Event, Answer> extends Handler<Event, Answer> {
    use(middleware: object): Middied<Event, Answer>;
  }
  export default function middy<Event, Answer>(
    handler: Handler<Event, Answer>,
  ): Middied<Event, Answer>;
}
declare module '@middy/http-error-handler' {
  export default function httpErrorHandler(): object;
}
declare module '@middy/http-event-normalizer' {
  export default function httpEventNormalizer(options: { payloadFormatVersion: 2 }): object;
}
declare module '@middy/http-header-normalizer' {
  export default function httpHeaderNormalizer(): object;
}
declare module '@middy/sqs-partial-batch-failure' {
  export default function sqsPartialBatchFailure(): object;
}

/** Written by ajv while the bench builds: see ajv-validators.ts. */
declare module 'bench:ajv-validators' {
  export const validators: Readonly<Record<string, (input: unknown) => boolean>>;
}
