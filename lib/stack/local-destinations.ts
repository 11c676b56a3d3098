import * as v from 'valibot';
import { INLINE_SECRET_PREFIX } from '../destinations/secret.ts';
import { isArn, type ResolvedNeed } from './destination-grants.ts';
import type { PlannedDestination } from './plan-destinations.ts';
import {
  resolveResources,
  ResourcesSchema,
} from '../local/emulator/serverless-config/known-resources.ts';
import { LOCAL_ACCOUNT } from '../local/emulator/local-addresses.ts';

/** The parts of the configuration that are read and changed. osls has merged the parts of `resources` already. */
const ConfigurationSchema = v.looseObject({
  service: v.string(),
  provider: v.looseObject({ stage: v.string(), region: v.string() }),
  functions: v.looseObject({
    fanOut: v.looseObject({ environment: v.record(v.string(), v.unknown()) }),
  }),
  resources: v.looseObject({ Resources: v.record(v.string(), v.unknown()) }),
});

/**
 * Makes the destinations work on this machine, in the stage local: requests go to mock receivers, queues
 * and topics of other stacks are declared here, so that the emulators have them, and the environment
 * variables contain the secrets themselves. EventBridge has no emulator: PutEvents to a bus is rejected.
 * @param configuration the resolved serverless configuration; it is changed
 */
export function localizeDestinations(
  configuration: unknown,
  destinations: readonly PlannedDestination[],
): void {
  if (!v.is(ConfigurationSchema, configuration)) return;
  const { service, provider, functions, resources } = configuration;
  const needs = destinations.flatMap((destination) => destination.needs);
  Object.assign(resources.Resources, Object.fromEntries(needs.flatMap(toLocalResource)));
  const declared = v.parse(ResourcesSchema, resources.Resources);
  const resolved = resolveResources(declared, provider.region, `${service}-${provider.stage}`);
  for (const need of needs) {
    functions.fanOut.environment[need.variable] = toLocalValue(
      need,
      provider.region,
      (id) => resolved.get(id)?.ref,
    );
  }
}

function toLocalValue(
  need: ResolvedNeed,
  region: string,
  refTo: (logicalId: string) => string | undefined,
): string | undefined {
  switch (need.kind) {
    case 'address':
      return need.local;
    case 'queue':
    case 'topic':
      return refTo(
        typeof need.target === 'string' ? toLocalResourceId(need.variable) : need.target.resource,
      );
    case 'bus':
      return typeof need.target === 'string'
        ? need.target
        : `arn:aws:events:${region}:${LOCAL_ACCOUNT}:event-bus/${need.target.resource}`;
    case 'secret':
    case 'parameter':
      return INLINE_SECRET_PREFIX + need.local;
  }
}

/** Declares a queue or topic of another stack. */
function toLocalResource(need: ResolvedNeed): [string, object][] {
  if (need.kind !== 'queue' && need.kind !== 'topic') return [];
  const { kind, variable, target } = need;
  if (typeof target !== 'string' || !isArn(target)) return [];
  const name = target.slice(target.lastIndexOf(':') + 1);
  const fifo = name.endsWith('.fifo') ? { FifoQueue: true } : {};
  const resource =
    kind === 'queue'
      ? { Type: 'AWS::SQS::Queue', Properties: { QueueName: name, ...fifo } }
      : { Type: 'AWS::SNS::Topic', Properties: { TopicName: name } };
  return [[toLocalResourceId(variable), resource]];
}

function toLocalResourceId(variable: string): string {
  return `Local${variable.replaceAll('_', '')}`;
}
