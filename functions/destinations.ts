import * as v from 'valibot';
import type { Destination } from '../lib/destinations/destination.ts';
import { http } from '../lib/destinations/http.ts';
import { createSecretResolver } from '../lib/destinations/secret.ts';
import { DestinationUrlSchema } from '../lib/destinations/url.ts';
import { sqs } from '../lib/destinations/sqs.ts';
import { OptionalStringSchema, RequiredUrlSchema } from '../lib/platform/config.ts';
import { createSecretFetcher } from '../lib/platform/secrets-manager.ts';
import { createSqsClient } from '../lib/platform/sqs.ts';

/**
 * Your downstream systems. This file is yours to edit; a new release never touches it.
 *
 * First, the environment variables that your destinations need: addresses stand in serverless.yml at
 * the function `fanOut`; queues, topics, buses and secrets under `custom.destinations`, by name. What is
 * missing or malformed is listed by name when the function starts.
 */
export const SettingsSchema = v.object({
  CONSUMERS_QUEUE_URL: RequiredUrlSchema,
  HTTP_DESTINATION_URL: DestinationUrlSchema,
  HTTP_DESTINATION_SECRET: OptionalStringSchema,
});
type Settings = v.InferOutput<typeof SettingsSchema>;

/**
 * Second, the destinations: one object for each system that should be told. The kinds are `http`,
 * `sqs`, `sns` and `eventbridge`, one file each in lib/destinations/; only the kinds that are
 * imported here end up in the deployed function. Those of AWS want a client: createSqsClient,
 * createSnsClient and createEventBridgeClient are in lib/platform/.
 *
 * `name` should never change: retries, dead letters and the ledger know a destination by it.
 * `accepts` chooses the records; without it a destination gets every one. For example, a system that
 * mails codes to customers wants
 *
 *     accepts: (record) => redeemableCode(record) !== null,
 *
 * and a `request` that makes its own API's request of a record; docs/destinations.md has worked ones.
 * A key is a secret, read when it is needed and kept: `secret: secret(settings.CRM_KEY)`.
 */
export function createDestinations(settings: Settings): readonly Destination[] {
  const secret = createSecretResolver(createSecretFetcher);
  const { HTTP_DESTINATION_SECRET: signingSecretName } = settings;
  return [
    // The queue of this stack for your own SQS consumers; its address is an output of the stack.
    sqs({
      name: 'consumers',
      client: createSqsClient(),
      queueUrl: settings.CONSUMERS_QUEUE_URL,
    }),
    // Any HTTP endpoint, when HTTP_DESTINATION_URL is set: it gets the record as a CloudEvent, signed
    // after the Standard Webhooks specification when HTTP_DESTINATION_SECRET names a secret.
    ...ifConfigured(settings.HTTP_DESTINATION_URL, (url) =>
      http({
        name: 'http',
        url,
        signingSecrets: signingSecretName === null ? null : secret(signingSecretName),
      }),
    ),
  ];
}

function ifConfigured(url: string | null, create: (url: string) => Destination): Destination[] {
  return url === null ? [] : [create(url)];
}
