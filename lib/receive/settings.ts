import * as v from 'valibot';
import { OptionalStringSchema, RequiredUrlSchema, stringWithDefault } from '../platform/config.ts';
import type { FetchSecret } from '../platform/fetch-secret.ts';

/** The environment variables of receive. */
export const ReceiveSettingsSchema = v.object({
  RECORDS_QUEUE_URL: RequiredUrlSchema,
  QUARANTINE_QUEUE_URL: RequiredUrlSchema,
  /** The secret itself: for a developer's machine only, since whoever sees the function sees it. */
  WEBHOOK_SECRET: OptionalStringSchema,
  /** The name of the secret in the store, read when WEBHOOK_SECRET is empty. */
  WEBHOOK_SECRET_NAME: OptionalStringSchema,
  /** The region of the Voucherify project; when empty, no IP address is checked. */
  SENDER_REGION: v.pipe(
    stringWithDefault('none'),
    v.picklist(['none', 'eu1', 'us1', 'as1'], 'is none of eu1, us1, as1'),
    v.transform((region) => (region === 'none' ? null : region)),
  ),
  /** Whether genuine webhooks from other IP addresses are only reported, or rejected. */
  SENDER_IP_CHECK: v.pipe(
    stringWithDefault('report'),
    v.picklist(['report', 'enforce'], 'is neither report nor enforce'),
  ),
  CURRENCY: OptionalStringSchema,
});
type ReceiveSettings = v.InferOutput<typeof ReceiveSettingsSchema>;

/**
 * How receive reads its secrets, one a line; an empty text when none is configured.
 * @param createFetcher called when a name is given and no text
 */
export function createSecretSource(
  settings: Pick<ReceiveSettings, 'WEBHOOK_SECRET' | 'WEBHOOK_SECRET_NAME'>,
  createFetcher: () => FetchSecret,
): () => Promise<string> {
  const { WEBHOOK_SECRET: secret, WEBHOOK_SECRET_NAME: name } = settings;
  if (secret !== null || name === null) return async () => secret ?? '';
  const fetchSecret = createFetcher();
  return () => fetchSecret(name);
}
