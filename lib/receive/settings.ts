import * as v from 'valibot';
import {
  CurrencySchema,
  OptionalStringSchema,
  RequiredUrlSchema,
  stringWithDefault,
} from '../platform/config.ts';
import type { WebhookOptions } from './parse-webhook.ts';
import type { FetchSecret } from '../platform/fetch-secret.ts';
import { WebhookSecretSchema } from '../voucherify/webhook-secret.ts';
import { IpRangesSchema } from './ip-ranges.ts';

/** The environment variables of the functions that turn webhooks into records. */
export const NormaliseSettingsSchema = v.object({
  CURRENCY: CurrencySchema,
  /**
   * The age in days at which a webhook is a late repeat; `off` accepts any age. At most as long as a
   * completed delivery is remembered (RETENTION_SECONDS): an older repeat would be delivered again.
   */
  MAX_WEBHOOK_AGE_DAYS: v.pipe(
    stringWithDefault('15'),
    v.regex(/^(?:off|[1-9]|1[0-5])$/, 'is neither a whole number from 1 to 15 nor off'),
    v.transform((days) => (days === 'off' ? null : Number(days))),
  ),
});

/** Maps the settings to what parsing needs. */
export function toWebhookOptions(
  settings: v.InferOutput<typeof NormaliseSettingsSchema>,
  mappings: WebhookOptions['mappings'],
): WebhookOptions {
  return {
    currency: settings.CURRENCY,
    maxWebhookAgeDays: settings.MAX_WEBHOOK_AGE_DAYS,
    mappings,
  };
}

/** The environment variables of receive, each by itself. */
export const ReceiveVariablesSchema = v.object({
  ...NormaliseSettingsSchema.entries,
  RECORDS_QUEUE_URL: RequiredUrlSchema,
  QUARANTINE_QUEUE_URL: RequiredUrlSchema,
  /** The secret itself: for a developer's machine only, since whoever sees the function sees it. */
  WEBHOOK_SECRET: v.pipe(
    OptionalStringSchema,
    v.rawCheck(({ dataset, addIssue }) => {
      const secret = v.safeParse(WebhookSecretSchema, dataset.value ?? '');
      for (const { message } of secret.issues ?? [])
        addIssue({ message: `is malformed: ${message}` });
    }),
  ),
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
  /** Addresses and ranges of a dedicated Voucherify region. */
  SENDER_ADDRESSES: IpRangesSchema,
  /** Addresses and ranges of the proxies in front of the gateway, whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: IpRangesSchema,
});

/** The environment variables of receive. */
export const ReceiveSettingsSchema = v.pipe(
  ReceiveVariablesSchema,
  v.forward(
    v.check(
      ({ SENDER_IP_CHECK, SENDER_REGION, SENDER_ADDRESSES }) =>
        SENDER_IP_CHECK !== 'enforce' || SENDER_REGION !== null || SENDER_ADDRESSES.length > 0,
      'is enforce, but SENDER_REGION and SENDER_ADDRESSES are empty: no address would be checked',
    ),
    ['SENDER_IP_CHECK'],
  ),
);
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
