import type { RelayRecord } from '../../record/record.ts';
import type { DestinationDeclaration } from '../declaration.ts';
import { json, type RequestBody, undeliverable } from '../http-request.ts';
import { http } from '../http.ts';
import { requireSync } from '../require-sync.ts';
import { hasRedeemableCode, type ReadyMadeOptions, type Values } from './options.ts';

/** The options of `klaviyo`. The secret is a private API key with the scope `profiles:write`. */
export interface KlaviyoOptions extends ReadyMadeOptions {
  /** The custom properties that the customer's profile gets from a record. Null deletes a property. */
  readonly properties: (record: RelayRecord) => Values;
}

export const KLAVIYO_URL = 'https://a.klaviyo.com/api';
/** The version of the API description that these destinations are written from. */
const REVISION = '2026-07-15';
/**
 * 80 % of 75 requests a second and 750 a minute (klaviyo/openapi on GitHub,
 * openapi/stable/apis/create_or_update_profile.json, version 2026-07-15, read on 2026-11-27).
 */
const LIMIT = { perSecond: 60, perMinute: 600 };

/**
 * Declares a destination that creates or updates the customer's profile in Klaviyo, one request for each
 * record with a redeemable code. A record without an e-mail is undeliverable.
 */
export function klaviyo({ properties, ...options }: KlaviyoOptions): DestinationDeclaration {
  return http({
    name: 'klaviyo',
    limit: LIMIT,
    accepts: hasRedeemableCode,
    ...options,
    url: KLAVIYO_URL,
    headers: toKlaviyoHeaders,
    request: (record) => {
      const reason = findMissingEmail(record);
      if (reason !== null) return undeliverable(reason);
      const data = toProfile(record, requireSync(properties(record)));
      return { path: '/profile-import', body: toKlaviyoBody({ data }) };
    },
  });
}

/** Returns the headers that each request to Klaviyo has. */
export function toKlaviyoHeaders(key: string): { [name: string]: string } {
  return { authorization: `Klaviyo-API-Key ${key}`, revision: REVISION };
}

/** Creates a body of the media type that Klaviyo requires. */
export function toKlaviyoBody(value: unknown): RequestBody {
  return { ...json(value), type: 'application/vnd.api+json' };
}

/** Returns why there can be no profile for a record. Klaviyo would create one that it can mail nothing to. */
export function findMissingEmail({ data }: RelayRecord): string | null {
  return data.customer?.email ? null : 'the customer has no e-mail';
}

/**
 * Creates the profile of a record's customer, which is found by the e-mail alone. With a second identifier
 * Klaviyo responds 409 when another profile has that one (github.com/klaviyo/klaviyo-api-php, issue 63),
 * and the code would not arrive.
 */
export function toProfile({ data: { customer } }: RelayRecord, properties: Values): object {
  return { type: 'profile', attributes: { email: customer?.email, properties } };
}
