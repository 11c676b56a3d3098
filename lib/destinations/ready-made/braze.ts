import * as v from 'valibot';
import type { RelayRecord } from '../../record/record.ts';
import type { DestinationDeclaration, StageParameter } from '../declaration.ts';
import type { MapRecords } from '../http-outcome.ts';
import { bearer, json } from '../http-request.ts';
import { http } from '../http.ts';
import { requireSync } from '../require-sync.ts';
import { delivered, rejected } from '../response-outcome.ts';
import { hasRedeemableCode, type ReadyMadeBatchOptions, type Values } from './options.ts';

/** The options of `braze`. The secret is a REST API key with the permission `users.track`. */
export interface BrazeOptions extends ReadyMadeBatchOptions {
  /** The REST endpoint of your instance, for example https://rest.iad-01.braze.com. */
  readonly url: string | StageParameter;
  /** The attributes that the customer's profile gets from a record. Null deletes an attribute. */
  readonly attributes: (record: RelayRecord) => Values;
  /**
   * The custom event that a record is reported as, with the time of the record; null for none. Braze does
   * not recognise a repetition: the same event is counted again.
   */
  readonly event?: (record: RelayRecord) => BrazeEvent | null;
}

/** A custom event of Braze. */
export interface BrazeEvent {
  readonly name: string;
  readonly properties?: Values;
}

/**
 * 80 % of 3,000 requests in three seconds (Braze's documentation, API rate limits, stored page, read on
 * 2026-11-27). With ten requests at once, so that it takes no more of the account's concurrency than a
 * destination without a limit; that is 3,000 records a second and more.
 */
const LIMIT = { perSecond: 800, concurrency: 10 };
/** The same page: up to 75 attributes, events and purchases together in a request. */
const MAX_OBJECTS = 75;
const WINDOW_SECONDS = 5;
const TIMEOUT_MS = 10_000;

/**
 * Declares a destination that sets attributes on Braze profiles, and reports events if wanted: one request
 * for up to 75 objects of records with a redeemable code. A record whose customer has no source id, which
 * is Braze's external id, is undeliverable. Delivered means that Braze has accepted the objects of a record.
 */
export function braze({ attributes, event, ...options }: BrazeOptions): DestinationDeclaration {
  const toEvent = (record: RelayRecord) => requireSync(event?.(record) ?? null);
  return http({
    name: 'braze',
    limit: LIMIT,
    batch: {
      size: Math.floor(MAX_OBJECTS / (event === undefined ? 1 : 2)),
      windowSeconds: WINDOW_SECONDS,
    },
    timeoutMs: TIMEOUT_MS,
    accepts: hasRedeemableCode,
    ...options,
    headers: (key) => ({ authorization: bearer(key) }),
    undeliverableReason: ({ data }) =>
      data.customer?.sourceId ? null : 'the customer has no source id',
    requestMany: (records) => {
      const events = records.flatMap((record) => {
        const own = toEvent(record);
        return own === null ? [] : [{ ...own, ...toIdentifier(record), time: record.time }];
      });
      const body = {
        attributes: records.map((record) => ({
          ...requireSync(attributes(record)),
          ...toIdentifier(record),
        })),
        ...(events.length === 0 ? {} : { events }),
      };
      return { path: '/users/track', body: json(body) };
    },
    outcomes: (response, records) =>
      toBrazeOutcomes(response, {
        attributes: records,
        events: records.filter((record) => toEvent(record) !== null),
      }),
  });
}

function toIdentifier({ data }: RelayRecord): { external_id: string | null } {
  return { external_id: data.customer?.sourceId ?? null };
}

const ResponseSchema = v.object({ errors: v.pipe(v.array(v.unknown()), v.minLength(1)) });
/**
 * An entry of `errors`: which object of which array was not accepted. Braze's documentation does not
 * describe it; these keys are in responses that public clients of the API have recorded.
 */
const ErrorSchema = v.object({
  input_array: v.picklist(['attributes', 'events']),
  index: v.number(),
});

/**
 * Maps the errors of a 2xx to the records whose objects they name. With an error that names none, a record
 * without one of its own has no result: it is sent again with fewer others, until it is alone.
 * @param sent the records whose objects are in each array, in the order of that
 */
function toBrazeOutcomes(
  { json: body }: Parameters<MapRecords>[0],
  sent: { readonly [Name in 'attributes' | 'events']: readonly RelayRecord[] },
): ReturnType<MapRecords> {
  const response = v.safeParse(ResponseSchema, body);
  if (!response.success) return undefined;
  const failed = new Set<RelayRecord | undefined>();
  for (const error of response.output.errors) {
    const { success, output } = v.safeParse(ErrorSchema, error);
    failed.add(success ? sent[output.input_array][output.index] : undefined);
  }
  const isAnyUnknown = failed.has(undefined);
  return sent.attributes.map((record) => {
    if (failed.has(record) || sent.attributes.length === 1)
      return rejected('Braze did not accept it');
    return isAnyUnknown ? undefined : delivered();
  });
}
