import * as v from 'valibot';
import { SECRET_ITSELF } from '../destinations/secret.ts';
import { type DestinationEntries, type DestinationEntry, isArn } from './destination-grants.ts';
import {
  knownResources,
  ResourcesSchema,
} from '../local/emulator/serverless-config/known-resources.ts';
import { LOCAL_ACCOUNT } from '../local/emulator/local-addresses.ts';

/** For every secret that says nothing else for this machine: good as a token, and for signing. */
const LOCAL_DESTINATION_SECRET = 'whsec_bG9jYWwtZGVzdGluYXRpb24tc2VjcmV0';

/** The parts of the configuration that are read and written to; nothing in it is transformed. The parts of `resources` are merged by then. */
const ConfigurationSchema = v.looseObject({
  service: v.string(),
  provider: v.looseObject({ stage: v.string(), region: v.string() }),
  functions: v.looseObject({
    fanOut: v.looseObject({ environment: v.record(v.string(), v.unknown()) }),
  }),
  resources: v.looseObject({ Resources: v.record(v.string(), v.unknown()) }),
});

/**
 * Gives the destinations of the stage local a counterpart on this machine: queues and topics of
 * elsewhere are declared, so that the emulators have them, and secrets are handed over themselves.
 * There is no emulator of EventBridge: what goes to a bus is refused.
 * @param configuration the resolved serverless configuration, which is changed
 */
export function bringDestinationsHome(configuration: unknown, entries: DestinationEntries): void {
  if (!v.is(ConfigurationSchema, configuration)) return;
  const { service, provider, functions, resources } = configuration;
  const foreign = Object.entries(entries).flatMap(([variable, entry]) => standIn(variable, entry));
  Object.assign(resources.Resources, Object.fromEntries(foreign));
  const declared = v.parse(ResourcesSchema, resources.Resources);
  const known = knownResources(declared, provider.region, `${service}-${provider.stage}`);
  for (const [variable, entry] of Object.entries(entries)) {
    const refTo = (name: string): string | undefined =>
      known.get(isArn(name) ? standInId(variable) : name)?.ref;
    functions.fanOut.environment[variable] = localValue(entry, provider.region, refTo);
  }
}

function localValue(
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
  return SECRET_ITSELF + (entry.local ?? LOCAL_DESTINATION_SECRET);
}

function standIn(variable: string, entry: DestinationEntry): [string, object][] {
  if ('queue' in entry && isArn(entry.queue)) {
    const QueueName = nameIn(entry.queue);
    const fifo = QueueName.endsWith('.fifo') ? { FifoQueue: true } : {};
    return [[standInId(variable), { Type: 'AWS::SQS::Queue', Properties: { QueueName, ...fifo } }]];
  }
  if ('topic' in entry && isArn(entry.topic)) {
    const TopicName = nameIn(entry.topic);
    return [[standInId(variable), { Type: 'AWS::SNS::Topic', Properties: { TopicName } }]];
  }
  return [];
}

function standInId(variable: string): string {
  return `StandInOf${variable.replaceAll('_', '')}`;
}

function nameIn(arn: string): string {
  return arn.split(':').at(-1) ?? '';
}
