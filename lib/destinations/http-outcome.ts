import { errorName } from '../error-name.ts';
import type { RelayRecord } from '../record/record.ts';
import type { RequestOutcomes } from './destination.ts';
import type { HttpResponse, HttpResult } from './http-client.ts';
import { delivered, type DeliveryOutcome, rejected, retry } from './outcome.ts';
import { toRequestOutcomes } from './request-outcomes.ts';
import { requireSync } from './require-sync.ts';
import type { ReceiverResponse, ResponseOutcome } from './response-outcome.ts';
import { limitWaitSeconds, readRetryAfter } from './retry-after.ts';

/** The option `outcome` of an HTTP destination: what a response means, or undefined for the default. */
export type MapResponse = (response: ReceiverResponse) => ResponseOutcome | undefined;

/**
 * The option `outcomes` of an HTTP destination: what a response says about each of the records of the
 * request, in their order or by their ids; or undefined when it says nothing about them by themselves.
 */
export type MapRecords = (
  response: ReceiverResponse,
  records: readonly RelayRecord[],
) =>
  | readonly (ResponseOutcome | undefined)[]
  | ReadonlyMap<string, ResponseOutcome | undefined>
  | undefined;

/**
 * Statuses below 500 that ask for a further attempt: Request Timeout and Misdirected Request (RFC 9110,
 * sections 15.5.9 and 15.5.20), Locked (RFC 4918, section 11.3), Too Early (RFC 8470, section 5.2), Too
 * Many Requests (RFC 6585, section 4).
 */
const RETRYABLE_STATUSES = new Set([408, 421, 423, 425, 429]);
const TOO_MANY_REQUESTS = 429;
/** An expired key must not end a campaign: somebody renews it, and the retries succeed. */
const AUTH_FAILURE_STATUSES = new Set([401, 403]);
const GONE = 410;

/** How much of a response's body a dead letter keeps. */
const STORED_BODY_CHARACTERS = 300;

/**
 * Maps what an HTTP request resulted in to an outcome. No response is retried.
 * @param now the time that a date in `Retry-After` is compared with
 * @param mapResponse the destination's own mapping of responses
 */
export function toOutcome(
  result: HttpResult,
  now: Date,
  mapResponse?: MapResponse,
): DeliveryOutcome {
  if (result.kind === 'no_response') {
    return retry(result.reason, { cause: result.cause, maybeDelivered: result.isSent });
  }
  return (mapResponse && mapWith(mapResponse, result, now)) ?? toDefaultOutcome(result, now);
}

/**
 * Maps what a request for many records resulted in. A response that is not one of success is that of all of
 * them, and only `mapResponse` can make it one: a mapping that looks for errors and finds none in the body
 * of a 400 would count what was refused as delivered. A record without a result is tried again: the
 * receiver may have it.
 * @param mapRecords the destination's own mapping of responses to its records
 */
export function toOutcomes(
  result: HttpResult,
  records: readonly RelayRecord[],
  now: Date,
  mapResponse?: MapResponse,
  mapRecords?: MapRecords,
): RequestOutcomes {
  const request = toOutcome(result, now, mapResponse);
  if (isOfNoRecord(request)) return { request, records: records.map(() => request) };
  if (request.kind !== 'delivered' || result.kind === 'no_response' || mapRecords === undefined) {
    return { request, records: records.map(() => null) };
  }
  const { status } = result;
  const failure = { status, responseBody: toStoredBody(result) };
  const noResult = retry('no_result', { ...failure, maybeDelivered: true });
  try {
    const mapped = requireSync(mapRecords(toReceiverResponse(result), records));
    if (mapped === undefined) return { request, records: records.map(() => null) };
    const outcomes = records.map(({ id }, index) => {
      const outcome = 'get' in mapped ? mapped.get(id) : mapped[index];
      return (outcome && fromMapped(outcome, result, now)) ?? noResult;
    });
    return toRequestOutcomes(request, outcomes);
  } catch (error) {
    const threw = rejected('outcome_threw', { ...failure, cause: errorName(error) });
    return { request: threw, records: records.map(() => threw) };
  }
}

/**
 * Whether a rejection is because of no record: another request would be rejected too, or must not be made
 * because the receiver may have acted.
 */
function isOfNoRecord(outcome: DeliveryOutcome): boolean {
  return (
    outcome.kind === 'rejected' &&
    (outcome.alert === 'destination_gone' || outcome.reason === 'outcome_threw')
  );
}

/**
 * Maps a response by its status; docs/destinations.md has the table. A 4xx with a `Retry-After` says "not
 * now", as the one of 413 does by definition (RFC 9110, section 15.5.14), so it is retried. 410 says that
 * nobody will be there later, and a redirect is never followed.
 */
function toDefaultOutcome(response: HttpResponse, now: Date): DeliveryOutcome {
  const { status } = response;
  if (status >= 200 && status < 300) return delivered(status);
  const retryAfterSeconds = readRetryAfter(status, response.headers, now);
  const failure = { status, responseBody: toStoredBody(response) };
  if (AUTH_FAILURE_STATUSES.has(status)) {
    return retry('http_status', { ...failure, retryAfterSeconds, alert: 'credentials_rejected' });
  }
  if (status === GONE) return rejected('http_status', { ...failure, alert: 'destination_gone' });
  const isNotNow = status >= 400 && retryAfterSeconds !== null;
  if (isNotNow || RETRYABLE_STATUSES.has(status) || status >= 500) {
    const countsAsAttempt = status !== TOO_MANY_REQUESTS;
    return retry('http_status', { ...failure, retryAfterSeconds, countsAsAttempt });
  }
  return rejected('http_status', failure);
}

/**
 * Maps a response by the destination's own mapping; undefined when that leaves it to the default. A
 * mapping that throws becomes a dead letter: the receiver may have acted, so nothing is sent again before
 * a person has looked.
 */
function mapWith(
  mapResponse: MapResponse,
  response: HttpResponse,
  now: Date,
): DeliveryOutcome | undefined {
  const { status } = response;
  const failure = { status, responseBody: toStoredBody(response) };
  try {
    const mapped = requireSync(mapResponse(toReceiverResponse(response)));
    return mapped === undefined || mapped === null ? undefined : fromMapped(mapped, response, now);
  } catch (error) {
    return rejected('outcome_threw', { ...failure, cause: errorName(error) });
  }
}

/** @throws TypeError for a value that is no outcome */
function fromMapped(mapped: ResponseOutcome, response: HttpResponse, now: Date): DeliveryOutcome {
  const { status } = response;
  const failure = { status, responseBody: toStoredBody(response) };
  switch (mapped.kind) {
    case 'delivered':
      return delivered(status);
    case 'rejected':
      return rejected('mapped_response', { ...failure, detail: mapped.detail });
    case 'retry': {
      const { afterSeconds, countsAsAttempt = true } = mapped;
      const retryAfterSeconds =
        afterSeconds === undefined
          ? readRetryAfter(status, response.headers, now)
          : limitWaitSeconds(afterSeconds);
      return retry('mapped_response', { ...failure, retryAfterSeconds, countsAsAttempt });
    }
    default:
      throw new TypeError('The outcome of a destination is none of those of voucher-relay');
  }
}

function toReceiverResponse({ status, headers, body }: HttpResponse): ReceiverResponse {
  return {
    status,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value?.toString()]),
    ),
    body,
    json: parseJson(body),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toStoredBody({ body }: HttpResponse): string {
  return body.slice(0, STORED_BODY_CHARACTERS);
}
