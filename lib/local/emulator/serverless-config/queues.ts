import * as v from 'valibot';
import type { Resolve } from './intrinsics.ts';
import type { ResolvedResource } from './known-resources.ts';
import { parseSection } from './parse-section.ts';

/** A queue to create. */
export interface QueueDescription {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** The attributes for CreateQueue, which accepts texts only. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The ARN of the dead-letter queue; null without a redrive policy. */
  readonly deadLetterArn: string | null;
}

/** Properties that are not attributes of SQS, or have no effect in an emulator. */
const IGNORED_PROPERTIES = new Set([
  'QueueName',
  'Tags',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
]);

const ScalarSchema = v.union([v.string(), v.number(), v.boolean()]);
const RedriveSchema = v.object({
  RedrivePolicy: v.optional(
    v.object({ deadLetterTargetArn: v.string(), maxReceiveCount: v.number() }),
  ),
});

/** Reads the attributes of a declared queue. @throws StartError when its redrive policy or a CloudFormation function is not supported */
export function describeQueue(resource: ResolvedResource, resolve: Resolve): QueueDescription {
  const { id, name, arn } = resource;
  const settings = Object.entries(resource.properties)
    .filter(([key]) => !IGNORED_PROPERTIES.has(key))
    .map(([key, value]) => [key, resolve(value, `resources.${id}.${key}`)] as const);
  const redrive = parseSection(RedriveSchema, Object.fromEntries(settings), `resources.${id}`);
  return {
    id,
    name,
    arn,
    attributes: Object.fromEntries(settings.map(([key, value]) => [key, toText(value)])),
    deadLetterArn: redrive.RedrivePolicy?.deadLetterTargetArn ?? null,
  };
}

function toText(value: unknown): string {
  return v.is(ScalarSchema, value) ? String(value) : JSON.stringify(value);
}
