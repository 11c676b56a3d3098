import * as v from 'valibot';
import type { DestinationDeclaration } from '../destinations/declaration.ts';
import { checkDestinations } from '../destinations/validate-destinations.ts';
import { ConfigError } from '../platform/config.ts';
import { computeUnreservedNeed } from './account-concurrency.ts';
import { type Monitoring, toAlarms } from './destination-alarms.ts';
import { toGrant, toStatements } from './destination-grants.ts';
import { toQueueEvent, toQueueResource } from './destination-resources.ts';
import { toWidgets } from './destination-widgets.ts';
import { type PlannedDestination, planDestinations } from './plan-destinations.ts';
import { findEnvironmentFaults, findPolicyFaults } from './stack-limits.ts';
import type { StageValues } from './stage-values.ts';
import { computeWarmThroughput, type WarmThroughput } from './warm-throughput.ts';

const LOCAL_STAGE = 'local';
/** The stage parameters that are read. What is wrong with them is reported with all other parameters. */
const ParametersSchema = v.object({
  onRemoval: v.fallback(v.picklist(['Retain', 'Delete']), 'Retain'),
  runbook: v.fallback(v.string(), ''),
  tableWritesPerSecond: v.fallback(
    v.pipe(v.union([v.string(), v.number()]), v.transform(String)),
    'auto',
  ),
  requestsPerSecond: v.fallback(v.pipe(v.unknown(), v.transform(Number), v.number()), 0),
});

/** The parts of the configuration that are read and changed. osls has merged the parts of `resources` already. */
const ConfigurationSchema = v.looseObject({
  service: v.string(),
  provider: v.looseObject({ stage: v.string(), region: v.string() }),
  functions: v.looseObject({
    fanOut: v.looseObject({
      environment: v.record(v.string(), v.unknown()),
      events: v.array(v.unknown()),
      role: v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }),
    }),
    operator: v.optional(v.looseObject({ environment: v.record(v.string(), v.unknown()) })),
  }),
  resources: v.looseObject({ Resources: v.record(v.string(), v.looseObject({})) }),
  custom: v.looseObject({
    relay: v.looseObject({
      destinationQueues: v.string(),
      metrics: v.object({ namespace: v.string(), service: v.string() }),
    }),
  }),
});
type Configuration = v.InferOutput<typeof ConfigurationSchema>;
const RoleSchema = v.looseObject({
  Properties: v.looseObject({ Policies: v.array(v.unknown()) }),
});
const QueuesPolicySchema = v.looseObject({
  Properties: v.looseObject({ Queues: v.array(v.unknown()) }),
});
const TableSchema = v.looseObject({
  Properties: v.looseObject({
    GlobalSecondaryIndexes: v.optional(v.array(v.looseObject({}))),
  }),
});
const DashboardSchema = v.looseObject({
  Properties: v.looseObject({ DashboardBody: v.looseObject({ 'Fn::Sub': v.string() }) }),
});
const DashboardBodySchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    widgets: v.array(v.looseObject({ y: v.number(), height: v.number() })),
  }),
);

/** The destinations of a stage are not valid. The message lists every fault. */
export class DestinationsError extends Error {
  override readonly name = 'DestinationsError';
}

/**
 * Adds to the configuration what each declared destination of the stage needs: its queue, which fanOut
 * reads, its alarms, its row on the dashboard, fanOut's environment variables and permissions, and its part
 * of the concurrency that `check` compares with the quota. All come from the one declaration, so that none
 * can be missing.
 * @param configuration the resolved serverless configuration; it is changed
 * @returns the destinations that exist in the stage
 * @throws DestinationsError that lists every fault of the declarations, and how to fix it
 */
export function applyDestinations(
  configuration: unknown,
  declarations: readonly DestinationDeclaration[],
  stageValues: StageValues,
): readonly PlannedDestination[] {
  const parsed = v.safeParse(ConfigurationSchema, configuration);
  if (!parsed.success || !v.is(ConfigurationSchema, configuration)) {
    const issues = parsed.issues ?? [];
    const lines = issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
    throw new DestinationsError(
      ['serverless.yml lacks what the destinations are added to:', ...lines].join('\n'),
    );
  }
  requireValid(declarations);
  const { provider, resources, custom } = configuration;
  const { destinations, faults } = planDestinations(declarations, {
    ...stageValues,
    name: provider.stage,
    isLocal: provider.stage === LOCAL_STAGE,
    queuePrefix: custom.relay.destinationQueues,
    resources: resources.Resources,
  });
  if (faults.length > 0) throw new DestinationsError(faults.join('\n'));

  addToFanOut(configuration, destinations);
  const need = computeUnreservedNeed(stageValues.values, destinations);
  Object.assign(configuration.functions.operator?.environment ?? {}, {
    CONCURRENCY_NEEDED: String(need),
  });
  addResources(configuration, destinations, stageValues);
  const tooLarge = [...findEnvironmentFaults(configuration), ...findPolicyFaults(configuration)];
  if (tooLarge.length > 0) throw new DestinationsError(tooLarge.join('\n'));
  return destinations;
}

function requireValid(declarations: readonly DestinationDeclaration[]): void {
  try {
    checkDestinations(declarations);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new DestinationsError(error.message);
  }
}

/** Adds events, variables and permissions to fanOut. */
function addToFanOut(
  { functions: { fanOut }, resources }: Configuration,
  destinations: readonly PlannedDestination[],
): void {
  const { Policies } = readResource(RoleSchema, resources, fanOut.role['Fn::GetAtt'][0]).Properties;
  const needs = destinations.flatMap((destination) => destination.needs);
  for (const destination of destinations) fanOut.events.push(toQueueEvent(destination));
  const permissions = needs.flatMap((need) => {
    const { value, permission } = toGrant(need);
    if (value !== null) fanOut.environment[need.variable] = value;
    return permission ?? [];
  });
  if (permissions.length === 0) return;
  const PolicyDocument = { Version: '2012-10-17', Statement: toStatements(permissions) };
  Policies.push({ PolicyName: 'destinations', PolicyDocument });
}

/** Adds queues and alarms, and completes the queues' policy, the table and the dashboard. */
function addResources(
  { service, provider, resources, custom }: Configuration,
  destinations: readonly PlannedDestination[],
  { values }: StageValues,
): void {
  const { Resources } = resources;
  const { Queues } = readResource(QueuesPolicySchema, resources, 'QueuesPolicy').Properties;
  const table = readResource(TableSchema, resources, 'DeliveriesTable');
  const dashboard = readResource(DashboardSchema, resources, 'Dashboard').Properties.DashboardBody;
  const body = v.safeParse(DashboardBodySchema, dashboard['Fn::Sub']);
  if (!body.success) throw new DestinationsError('The body of resources.Dashboard is not JSON.');
  const parameters = v.parse(ParametersSchema, values);
  const { onRemoval, runbook, tableWritesPerSecond } = parameters;
  const monitoring: Monitoring = {
    ...custom.relay.metrics,
    prefix: `${service}-${provider.stage}`,
    runbook,
  };

  let y = Math.max(0, ...body.output.widgets.map((widget) => widget.y + widget.height));
  const widgets: object[] = [...body.output.widgets];
  for (const destination of destinations) {
    Object.assign(Resources, {
      [destination.queueId]: toQueueResource(destination, onRemoval),
      ...toAlarms(destination, monitoring),
    });
    Queues.push({ Ref: destination.queueId });
    const row = toWidgets(destination, monitoring, y);
    y += row.height;
    widgets.push(...row.widgets);
  }
  dashboard['Fn::Sub'] = JSON.stringify({ ...body.output, widgets });
  const warm = (webhooksPerSecond: number): { WarmThroughput?: WarmThroughput } => {
    const throughput = computeWarmThroughput(destinations, tableWritesPerSecond, webhooksPerSecond);
    return throughput === null ? {} : { WarmThroughput: throughput };
  };
  Object.assign(table.Properties, warm(parameters.requestsPerSecond));
  // a throttled index throttles the writes of its table
  for (const index of table.Properties.GlobalSecondaryIndexes ?? []) Object.assign(index, warm(0));
}

/** Returns a resource of serverless.yml itself, and not a copy, so that it can be changed. */
function readResource<Schema extends v.GenericSchema>(
  schema: Schema,
  { Resources }: Configuration['resources'],
  id: string,
): v.InferInput<Schema> {
  const resource: unknown = Resources[id];
  if (v.is(schema, resource)) return resource;
  throw new DestinationsError(
    `resources.${id} of serverless.yml is missing, or lacks what the destinations are added to.`,
  );
}
