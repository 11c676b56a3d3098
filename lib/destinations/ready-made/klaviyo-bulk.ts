import type { RelayRecord } from '../../record/record.ts';
import type { DestinationDeclaration } from '../declaration.ts';
import { undeliverable } from '../http-request.ts';
import { http } from '../http.ts';
import { requireSync } from '../require-sync.ts';
import {
  findMissingEmail,
  KLAVIYO_URL,
  toKlaviyoBody,
  toKlaviyoHeaders,
  toProfile,
} from './klaviyo.ts';
import { hasRedeemableCode, type ReadyMadeBatchOptions, type Values } from './options.ts';

/** The options of `klaviyoBulk`. The secret is a private API key with `profiles:write` and `lists:write`. */
export interface KlaviyoBulkOptions extends ReadyMadeBatchOptions {
  /** The custom properties that the customer's profile gets from a record. */
  readonly properties: (record: RelayRecord) => Values;
  /**
   * What a property gets in the place of null, which a bulk import ignores: the value of the previous code
   * would stay. `none` by default.
   */
  readonly insteadOfNull?: string;
}

/**
 * 80 % of 10 requests a second and 150 a minute (klaviyo/openapi on GitHub,
 * openapi/stable/apis/bulk_import_profiles.json, version 2026-07-15, read on 2026-11-27).
 */
const LIMIT = { perSecond: 8, perMinute: 120 };
/**
 * The same description: a job has up to 10,000 profiles and 5 MB. An invocation gets about 2,000 records,
 * so jobs of 1,000 are as fast, and two of them share an invocation.
 */
const BATCH = { size: 1_000, windowSeconds: 10 };
const MAX_JOB_BYTES = 5_000_000;
/** An import of the same profiles again does no harm, but a large request takes its time. */
const TIMEOUT_MS = 15_000;

/**
 * Declares a destination that creates or updates profiles in Klaviyo by bulk import jobs, for records with
 * a redeemable code. Delivered means that Klaviyo has accepted the job, which it runs later.
 */
export function klaviyoBulk({
  properties,
  insteadOfNull = 'none',
  ...options
}: KlaviyoBulkOptions): DestinationDeclaration {
  return http({
    name: 'klaviyo-bulk',
    limit: LIMIT,
    batch: BATCH,
    timeoutMs: TIMEOUT_MS,
    accepts: hasRedeemableCode,
    ...options,
    url: KLAVIYO_URL,
    headers: toKlaviyoHeaders,
    undeliverableReason: findMissingEmail,
    requestMany: (records) => {
      const data = records.map((record) =>
        toProfile(record, replaceNulls(requireSync(properties(record)), insteadOfNull)),
      );
      const attributes = { profiles: { data } };
      const body = toKlaviyoBody({ data: { type: 'profile-bulk-import-job', attributes } });
      if (Buffer.byteLength(body.text) > MAX_JOB_BYTES) return undeliverable('more than 5 MB');
      return { path: '/profile-bulk-import-jobs', body };
    },
  });
}

function replaceNulls(values: Values, replacement: string): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value ?? replacement]),
  );
}
