import * as v from 'valibot';
import { parseProperties, type Template } from './packaged-stack.ts';

/** One value or a list, as IAM allows; parsed to a list. */
const list = <const Item extends v.GenericSchema>(item: Item) =>
  v.union([
    v.array(item),
    v.pipe(
      item,
      v.transform((one) => [one]),
    ),
  ]);
const StatementSchema = v.object({
  Effect: v.literal('Allow'),
  Action: list(v.string()),
  Resource: list(v.unknown()),
});
const RoleSchema = v.object({
  Policies: v.array(
    v.object({ PolicyDocument: v.object({ Statement: v.array(StatementSchema) }) }),
  ),
});
export type Statement = v.InferOutput<typeof StatementSchema>;

/** Returns the policy statements of each role of the stack, by the role's logical id. */
export function readRoleStatements(template: Template): ReadonlyMap<string, readonly Statement[]> {
  return new Map(
    parseProperties(template, 'AWS::IAM::Role', RoleSchema).map(([role, { Policies }]) => [
      role,
      Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
    ]),
  );
}
