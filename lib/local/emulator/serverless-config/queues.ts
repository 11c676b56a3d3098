import * as v from 'valibot';
import type { Resolve } from './intrinsics.ts';
import type { KnownResource } from './known-resources.ts';
import { parsePart } from './parse-part.ts';

/** A queue, ready to be created. */
export interface QueueDescription {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** As SQS wants them: all are texts. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The ARN of the queue that takes what was received too often. */
  readonly deadLetterArn: string | null;
}

/** What is no attribute of SQS, or means nothing to an emulator. */
const LEFT_OUT = new Set(['QueueName', 'Tags', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds']);

const ScalarSchema = v.union([v.string(), v.number(), v.boolean()]);
const RedriveSchema = v.object({
  RedrivePolicy: v.optional(
    v.object({ deadLetterTargetArn: v.string(), maxReceiveCount: v.number() }),
  ),
});

/** @throws StartError for a redrive policy or a CloudFormation function that cannot be understood */
export function describeQueue(resource: KnownResource, resolve: Resolve): QueueDescription {
  const { id, name, arn } = resource;
  const settings = Object.entries(resource.properties)
    .filter(([key]) => !LEFT_OUT.has(key))
    .map(([key, value]) => [key, resolve(value, `resources.${id}.${key}`)] as const);
  const redrive = parsePart(RedriveSchema, Object.fromEntries(settings), `resources.${id}`);
  return {
    id,
    name,
    arn,
    attributes: Object.fromEntries(settings.map(([key, value]) => [key, asText(value)])),
    deadLetterArn: redrive.RedrivePolicy?.deadLetterTargetArn ?? null,
  };
}

function asText(value: unknown): string {
  return v.is(ScalarSchema, value) ? String(value) : JSON.stringify(value);
}
