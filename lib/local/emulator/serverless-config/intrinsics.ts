import * as v from 'valibot';
import { StartError } from '../start-error.ts';

/** The values of Ref and Fn::GetAtt for a resource that exists on this machine. */
export interface ResourceValues {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Replaces the CloudFormation functions in a value; `where` is its path in serverless.yml. */
export type Resolve = (value: unknown, where: string) => unknown;

const RefSchema = v.strictObject({ Ref: v.string() });
const GetAttSchema = v.pipe(
  v.strictObject({
    'Fn::GetAtt': v.union([
      v.tuple([v.string(), v.string()]),
      v.pipe(
        v.string(),
        v.regex(/^[^.]+\.[^.]+$/),
        v.transform((text) => text.split('.')),
        v.tuple([v.string(), v.string()]),
      ),
    ]),
  }),
  v.transform((intrinsic) => intrinsic['Fn::GetAtt']),
);
const AnyObjectSchema = v.record(v.string(), v.unknown());

/**
 * Replaces the CloudFormation functions in a value of serverless.yml with their local values.
 * @param where the path of the value in serverless.yml, for error messages
 * @param resources the local resources, by logical id
 * @throws StartError for a function or a resource that has no local value
 */
export function resolveIntrinsics(
  value: unknown,
  where: string,
  resources: ReadonlyMap<string, ResourceValues>,
): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) =>
      resolveIntrinsics(item, `${where}.${index}`, resources),
    );
  }
  if (!v.is(AnyObjectSchema, value)) return value;
  if (v.is(RefSchema, value)) {
    return requireResource(resources.get(value.Ref)?.ref, `${where} refers to ${value.Ref}`);
  }
  const getAtt = v.safeParse(GetAttSchema, value);
  if (getAtt.success) {
    const [id, attribute] = getAtt.output;
    const text = resources.get(id)?.attributes[attribute];
    return requireResource(text, `${where} refers to ${id}.${attribute}`);
  }
  const unknownFunction = Object.keys(value).find((key) => key.startsWith('Fn::') || key === 'Ref');
  if (unknownFunction !== undefined) {
    return requireResource(undefined, `${where} uses ${unknownFunction}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      resolveIntrinsics(inner, `${where}.${key}`, resources),
    ]),
  );
}

function requireResource(text: string | undefined, what: string): string {
  if (text !== undefined) return text;
  throw new StartError(
    `serverless.yml: ${what}, which does not exist on this machine. Set a value for the stage local under params.local.`,
  );
}
