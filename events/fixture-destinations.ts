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

// The destinations that the samples in this folder expect. The demo and the project's own tests use them
// in place of functions/destinations.ts, by the condition `fixture` of package.json's imports, so that
// they stay green whatever you list there. Your own destinations belong in functions/destinations.ts.

export const SettingsSchema = v.object({
  CONSUMERS_QUEUE_URL: RequiredUrlSchema,
  HTTP_DESTINATION_URL: DestinationUrlSchema,
  HTTP_DESTINATION_SECRET: OptionalStringSchema,
});
type Settings = v.InferOutput<typeof SettingsSchema>;

/** The queue `consumers` and, when it has an address, the HTTP endpoint `http`. */
export function createDestinations(settings: Settings): readonly Destination[] {
  const secret = createSecretResolver(secretsManager);
  const { HTTP_DESTINATION_SECRET: signingSecretName } = settings;
  return [
    sqs({
      name: 'consumers',
      client: createSqsClient(),
      queueUrl: settings.CONSUMERS_QUEUE_URL,
    }),
    ...ifConfigured(settings.HTTP_DESTINATION_URL, (url) =>
      http({
        name: 'http',
        url,
        signingSecrets: signingSecretName === null ? null : secret(signingSecretName),
      }),
    ),
  ];
}
