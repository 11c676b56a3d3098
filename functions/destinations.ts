import * as v from 'valibot';
import {
  createSecretResolver,
  createSqsClient,
  type Destination,
  DestinationUrlSchema,
  http,
  ifConfigured,
  OptionalStringSchema,
  RequiredUrlSchema,
  secretsManager,
  sqs,
} from '../lib/sdk.ts';

/**
 * Your downstream systems. You may edit this file; a new release never changes it. Import from
 * lib/sdk.ts only: docs/destinations.md describes what it offers, with worked examples.
 *
 * First the settings: the environment variables that your destinations read. Addresses are set in
 * serverless.yml at the function `fanOut`; queues, topics, buses and secrets under
 * `custom.destinations`, by name. When the function starts, it lists every variable that is missing or
 * malformed.
 */
export const SettingsSchema = v.object({
  CONSUMERS_QUEUE_URL: RequiredUrlSchema,
  HTTP_DESTINATION_URL: DestinationUrlSchema,
  HTTP_DESTINATION_SECRET: OptionalStringSchema,
});
type Settings = v.InferOutput<typeof SettingsSchema>;

/**
 * Then the destinations: one object for each system that gets records, of the kind `http`, `sqs`,
 * `sns` or `eventbridge`. Only the kinds that you import are deployed.
 *
 * Never change a `name`: retries, dead letters and rows of deliveries identify a destination by it.
 * `accepts` chooses the records; without it a destination gets every record. A system that mails codes
 * to customers, for example, has
 *
 *     accepts: (record) => redeemableCode(record) !== null,
 *
 * and a `request` that turns a record into the request of its own API. An API key is a secret, which
 * is read at the first delivery and cached: `secret: secret(settings.CRM_KEY)`.
 */
export function createDestinations(settings: Settings): readonly Destination[] {
  const secret = createSecretResolver(secretsManager);
  const { HTTP_DESTINATION_SECRET: signingSecretName } = settings;
  return [
    // The queue of this stack for your own SQS consumers. Its URL is an output of the stack.
    sqs({
      name: 'consumers',
      client: createSqsClient(),
      queueUrl: settings.CONSUMERS_QUEUE_URL,
    }),
    // Any HTTP endpoint, when HTTP_DESTINATION_URL is set. It gets the record as a CloudEvent, signed
    // by the Standard Webhooks specification when HTTP_DESTINATION_SECRET names a secret.
    ...ifConfigured(settings.HTTP_DESTINATION_URL, (url) =>
      http({
        name: 'http',
        url,
        signingSecrets: signingSecretName === null ? null : secret(signingSecretName),
      }),
    ),
  ];
}
