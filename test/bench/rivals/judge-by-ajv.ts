import { validators } from 'bench:ajv-validators';
import type * as v from 'valibot';
import { judge as judgeByValibot, type Judged } from '../../../lib/record/oddity.ts';
import type { Path } from '../../../lib/record/path.ts';
import type { JsonObject } from '../../../lib/voucherify/json.ts';
import { schemas } from './judged-schemas.ts';

// Takes the place of lib/record/oddity.ts in a bundle: ajv's standalone code judges first, and Valibot
// is only asked about what ajv refuses, to say what is wrong.

export { warningOf } from '../../../lib/record/oddity.ts';

const NO_ODDITIES: readonly never[] = [];
const validatorOf = new Map<unknown, ((input: unknown) => boolean) | undefined>(
  Object.entries(schemas).map(([name, schema]) => [schema, validators[name]]),
);

export function judge<Shape>(
  schema: v.GenericSchema<Shape, unknown>,
  source: JsonObject,
  at: Path,
): Judged<Shape> | null {
  const isRight = validatorOf.get(schema);
  if (isRight?.(source)) return { object: source as Shape, oddities: NO_ODDITIES };
  return judgeByValibot(schema, source, at);
}
