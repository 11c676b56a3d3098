import * as v from 'valibot';
import { OptionalTextSchema, RequiredUrlSchema, textOr } from '../platform/config.ts';
import type { ReadSecret } from '../platform/fetch-secret.ts';

/** The environment variables of receive. */
export const ReceiveSettingsSchema = v.object({
  RECORDS_QUEUE_URL: RequiredUrlSchema,
  QUARANTINE_QUEUE_URL: RequiredUrlSchema,
  /** The secret itself: for a developer's machine, since whoever sees the function sees it too. */
  WEBHOOK_SECRET: OptionalTextSchema,
  /** The secret's name in the store, which is asked when there is no WEBHOOK_SECRET. */
  WEBHOOK_SECRET_NAME: OptionalTextSchema,
  /** Where the Voucherify project is; without it no address is checked. */
  SENDER_REGION: v.pipe(
    textOr('none'),
    v.picklist(['none', 'eu1', 'us1', 'as1'], 'is none of eu1, us1, as1'),
    v.transform((region) => (region === 'none' ? null : region)),
  ),
  /** Whether genuine webhooks from elsewhere are only counted, or refused. */
  SENDER_ADDRESSES: v.pipe(
    textOr('count'),
    v.picklist(['count', 'enforce'], 'is neither count nor enforce'),
  ),
  CURRENCY: OptionalTextSchema,
});
type ReceiveSettings = v.InferOutput<typeof ReceiveSettingsSchema>;

/**
 * How receive reads its secrets, one a line; an empty text when none is configured.
 * @param openStore called when a name is given and no text
 */
export function webhookSecretReader(
  settings: Pick<ReceiveSettings, 'WEBHOOK_SECRET' | 'WEBHOOK_SECRET_NAME'>,
  openStore: () => ReadSecret,
): () => Promise<string> {
  const { WEBHOOK_SECRET: text, WEBHOOK_SECRET_NAME: name } = settings;
  if (text !== null || name === null) return async () => text ?? '';
  const read = openStore();
  return () => read(name);
}
