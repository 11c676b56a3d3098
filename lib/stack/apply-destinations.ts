import * as v from 'valibot';
import {
  type DestinationEntries,
  DestinationEntrySchema,
  toGrant,
  isArn,
} from './destination-grants.ts';

/** The CloudFormation type for each kind of entry. */
const TYPES = { queue: 'AWS::SQS::Queue', topic: 'AWS::SNS::Topic', bus: 'AWS::Events::EventBus' };

const EntriesSchema = v.looseObject({
  custom: v.looseObject({ destinations: v.record(v.string(), DestinationEntrySchema) }),
});
/** The parts of the configuration that are changed. osls has merged the parts of `resources` already. */
const ConfigurationSchema = v.looseObject({
  functions: v.looseObject({
    fanOut: v.looseObject({
      environment: v.record(v.string(), v.unknown()),
      role: v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }),
    }),
  }),
  resources: v.looseObject({ Resources: v.record(v.string(), v.looseObject({})) }),
});
const RoleSchema = v.looseObject({
  Properties: v.looseObject({ Policies: v.array(v.unknown()) }),
});

/** `custom.destinations` is not valid. The message lists every error, by variable. */
export class DestinationsError extends Error {
  override readonly name = 'DestinationsError';
}

/**
 * Reads `custom.destinations` of a resolved serverless configuration.
 * @throws DestinationsError that lists every entry which is not valid
 */
export function readDestinations(configuration: unknown): DestinationEntries {
  const read = v.safeParse(EntriesSchema, configuration);
  if (read.success) return read.output.custom.destinations;
  throw new DestinationsError(
    read.issues.map((issue) => `${v.getDotPath(issue)} ${issue.message}`).join('\n'),
  );
}

/**
 * Adds the entries of `custom.destinations` to fanOut's environment and its permissions to fanOut's role.
 * One entry sets both, so that neither can be missing.
 * @param configuration the resolved serverless configuration; it is changed
 * @throws DestinationsError when an entry names a resource that is not declared
 */
export function applyDestinations(configuration: unknown, entries: DestinationEntries): void {
  if (!v.is(ConfigurationSchema, configuration)) {
    throw new DestinationsError(
      'functions.fanOut has no environment or no role of the form { Fn::GetAtt: [FanOutRole, Arn] }.',
    );
  }
  const { fanOut } = configuration.functions;
  const { Resources } = configuration.resources;

  const errors = Object.entries(entries).flatMap(([variable, entry]) => {
    const [kind = '', name = ''] = Object.entries(entry)[0] ?? [];
    const type = Object.entries(TYPES).find(([known]) => known === kind)?.[1];
    const isDeclared = type === undefined || isArn(name) || Resources[name]?.['Type'] === type;
    return isDeclared
      ? []
      : [`custom.destinations.${variable}: resources declares no ${type} ${name}`];
  });
  if (errors.length > 0) throw new DestinationsError(errors.join('\n'));

  const role = Resources[fanOut.role['Fn::GetAtt'][0]];
  if (!v.is(RoleSchema, role))
    throw new DestinationsError(
      'resources does not declare the role of functions.fanOut with a list of Policies.',
    );
  const Statement = [];
  for (const [variable, entry] of Object.entries(entries)) {
    const { value, statement } = toGrant(entry);
    fanOut.environment[variable] = value;
    if (statement !== null) Statement.push(statement);
  }
  if (Statement.length === 0) return;
  const PolicyDocument = { Version: '2012-10-17', Statement };
  role.Properties.Policies.push({ PolicyName: 'destinations', PolicyDocument });
}
