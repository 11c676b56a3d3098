import * as v from 'valibot';
import { INLINE_SECRET_PREFIX } from '../destinations/secret.ts';
import { type DestinationEntries, type DestinationEntry, isArn } from './destination-grants.ts';
import {
  resolveResources,
  ResourcesSchema,
} from '../local/emulator/serverless-config/known-resources.ts';
import { LOCAL_ACCOUNT } from '../local/emulator/local-addresses.ts';

/** The local value of every secret without `local`: works as a token and for signing. */
const LOCAL_DESTINATION_SECRET = 'whsec_bG9jYWwtZGVzdGluYXRpb24tc2VjcmV0';

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
 * Makes the destinations work on this machine, in the stage local: queues and topics of other stacks are
 * declared here, so that the emulators have them, and the environment variables contain the secrets
 * themselves. EventBridge has no emulator: PutEvents to a bus is rejected.
 * @param configuration the resolved serverless configuration; it is changed
 */
export function localizeDestinations(configuration: unknown, entries: DestinationEntries): void {
  if (!v.is(ConfigurationSchema, configuration)) return;
  const { service, provider, functions, resources } = configuration;
  const localResources = Object.entries(entries).flatMap(([variable, entry]) =>
    toLocalResources(variable, entry),
  );
  Object.assign(resources.Resources, Object.fromEntries(localResources));
  const declared = v.parse(ResourcesSchema, resources.Resources);
  const resolved = resolveResources(declared, provider.region, `${service}-${provider.stage}`);
  for (const [variable, entry] of Object.entries(entries)) {
    const findRef = (name: string): string | undefined =>
      resolved.get(isArn(name) ? toLocalResourceId(variable) : name)?.ref;
    functions.fanOut.environment[variable] = toLocalValue(entry, provider.region, findRef);
  }
}

function toLocalValue(
  entry: DestinationEntry,
  region: string,
  refTo: (name: string) => string | undefined,
): string | undefined {
  if ('queue' in entry) return refTo(entry.queue);
  if ('topic' in entry) return refTo(entry.topic);
  if ('bus' in entry) {
    const { bus } = entry;
    return isArn(bus) ? bus : `arn:aws:events:${region}:${LOCAL_ACCOUNT}:event-bus/${bus}`;
  }
  return INLINE_SECRET_PREFIX + (entry.local ?? LOCAL_DESTINATION_SECRET);
}

function toLocalResources(variable: string, entry: DestinationEntry): [string, object][] {
  if ('queue' in entry && isArn(entry.queue)) {
    const QueueName = parseArnName(entry.queue);
    const fifo = QueueName.endsWith('.fifo') ? { FifoQueue: true } : {};
    return [
      [
        toLocalResourceId(variable),
        { Type: 'AWS::SQS::Queue', Properties: { QueueName, ...fifo } },
      ],
    ];
  }
  if ('topic' in entry && isArn(entry.topic)) {
    const TopicName = parseArnName(entry.topic);
    return [[toLocalResourceId(variable), { Type: 'AWS::SNS::Topic', Properties: { TopicName } }]];
  }
  return [];
}

function toLocalResourceId(variable: string): string {
  return `Local${variable.replaceAll('_', '')}`;
}

function parseArnName(arn: string): string {
  return arn.split(':').at(-1) ?? '';
}
