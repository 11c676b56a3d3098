import { createHash } from 'node:crypto';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { RelayRecord } from '../record/record.ts';
import { HAS_CREDENTIALS, NOT_A_URL, NOT_HTTPS } from '../platform/config.ts';
import { errorName } from '../error-name.ts';
import { SecretError } from '../platform/cached-secret.ts';
import { rejectOnAbort } from '../platform/deadline.ts';
import { type ContentMode, toCloudEventRequest, withoutUnmapped } from './cloud-event.ts';
import {
  type DeliverMany,
  type DeliveryContext,
  type Destination,
  type DestinationOptions,
  type RequestOutcomes,
  withDefaults,
} from './destination.ts';
import { createHttpClient, type HttpCall, type HttpResult } from './http-client.ts';
import { type MapRecords, type MapResponse, toOutcome, toOutcomes } from './http-outcome.ts';
import {
  createHttpSecrets,
  type HttpSecrets,
  type HttpSecretSources,
  isHeaderValue,
} from './http-secrets.ts';
import { resolveUrl, type Undeliverable, type HttpRequest } from './http-request.ts';
import { createMisconfigured } from './misconfigured.ts';
import { type DeliveryOutcome, rejected, retry } from './outcome.ts';
import type { Batch } from './queue-settings.ts';
import { sendUnrejected, toDeliver } from './request-outcomes.ts';
import { requireSync } from './require-sync.ts';
import { hasCredentials, isHttpsOrLoopback } from './url.ts';
import { toWebhookHeaders } from './standard-webhooks.ts';
import { toWellFormedRecord, toWellFormedText } from './well-formed.ts';

/** What a request to a receiver looks like, and what its responses mean. */
export interface HttpRequestOptions extends DestinationOptions {
  /** Allows a plain http address, where everybody on the network path can read codes and names. */
  readonly allowInsecureHttp?: true;
  /** Sent with every request, for example `(token) => ({ authorization: bearer(token) })`. */
  readonly headers?: Headers | ((secret: string) => Headers);
  /** What to send; by default the record as a CloudEvent. */
  readonly request?: (record: RelayRecord, secret: string) => HttpRequest | Undeliverable;
  /** How many records share a request, which `requestMany` makes, and how long they wait for others. */
  readonly batch?: Batch;
  /**
   * What to send for several records. With `undeliverable(...)` for some of them, as with a request that
   * the receiver rejects, they are sent in halves, until those records are alone.
   */
  readonly requestMany?: (
    records: readonly RelayRecord[],
    secret: string,
  ) => HttpRequest | Undeliverable;
  /**
   * Why no request can be made from a record; null for one that can be sent. It becomes a dead letter with
   * that reason, and `requestMany` gets the others.
   */
  readonly undeliverableReason?: (record: RelayRecord) => string | null;
  /**
   * What a response to `requestMany` says about each record: an array in their order, or a Map by their
   * ids. A record without a result is tried again. Undefined when the response says nothing about them by
   * themselves: then its own meaning is that of all. Not called for a response that is retried as a whole.
   */
  readonly outcomes?: MapRecords;
  /**
   * What a response means; undefined for the default, which looks at the status only. Without it the body
   * of a 2xx is not read.
   */
  readonly outcome?: MapResponse;
  /** How the CloudEvent is sent, without a `request` of your own: `json` by default. */
  readonly contentMode?: ContentMode;
  /** Whether the CloudEvent includes `unmapped`, the values without a field of their own; false by default. */
  readonly includeUnmapped?: boolean;
  /**
   * What to do when the request was sent and no response came. `retry` by default; `dead-letter` for a
   * receiver that would act twice on the same request, such as a sender of text messages.
   */
  readonly onNoResponse?: 'retry' | 'dead-letter';
}

/** An HTTP destination with the address and the secrets that it has in its stage. */
export interface HttpDestinationSettings extends HttpRequestOptions, HttpSecretSources {
  readonly url: string;
}

interface Headers {
  readonly [name: string]: string;
}

/** Records that are sent with one request. */
interface Sending {
  readonly count: number;
  /** What the receiver recognises a repetition by. */
  readonly id: string;
  readonly toRequest: (secret: string) => HttpRequest | Undeliverable;
  readonly toOutcomes: (result: HttpResult, now: Date) => RequestOutcomes;
}

/** How much of a response's body is read when that decides about one record, and about many. */
const MAX_BODY_CHARACTERS = 65_536;
const MAX_BODY_CHARACTERS_OF_MANY = 4_000_000;
/** The most of a request for several records, as what an invocation gets of them. */
const MAX_REQUEST_BYTES_OF_MANY = 6_000_000;

/**
 * Creates a destination of the kind `http`: one request for each record, or for many. When the address is not a URL,
 * holds a user or a password, or is http without `allowInsecureHttp` and not on this machine, its
 * deliveries wait.
 */
export function createHttpDestination(options: HttpDestinationSettings): Destination {
  const { headers = {}, onNoResponse = 'retry', contentMode = 'json', outcome, outcomes } = options;
  const baseUrl = parseDestinationUrl(options);
  if (typeof baseUrl === 'string') return createMisconfigured(options, baseUrl);
  const readSecrets = createHttpSecrets(options);
  const toRequest = (record: RelayRecord, secret: string): HttpRequest | Undeliverable => {
    if (options.request !== undefined) {
      return requireSync(options.request(toWellFormedRecord(record), secret));
    }
    const sent = options.includeUnmapped === true ? record : withoutUnmapped(record);
    return toCloudEventRequest(sent, contentMode);
  };
  // On a reused connection, a receiver that closes it and one that does not respond look the same. Where
  // the difference matters, every request has a connection of its own.
  const sendHttp = createHttpClient(onNoResponse === 'retry');

  const readCharacters =
    outcomes === undefined
      ? outcome === undefined
        ? 0
        : MAX_BODY_CHARACTERS
      : MAX_BODY_CHARACTERS_OF_MANY;

  const buildCall = (
    { id, count }: Sending,
    httpRequest: HttpRequest,
    secrets: HttpSecrets,
    now: Date,
  ): HttpCall | 'InvalidPath' | 'InvalidHeader' | 'BodyTooLarge' => {
    const body = httpRequest.body === undefined ? '' : toWellFormedText(httpRequest.body);
    const ownHeaders =
      typeof headers === 'function' ? requireSync(headers(secrets.secret)) : headers;
    const allHeaders = {
      'user-agent': 'voucher-relay',
      ...(httpRequest.body === undefined ? {} : { 'content-type': httpRequest.body.type }),
      ...lowercaseNames(ownHeaders),
      ...lowercaseNames(httpRequest.headers ?? {}),
      ...(secrets.signingKeys.length === 0
        ? {}
        : toWebhookHeaders(secrets.signingKeys, id, now, body)),
      // node:http sets it for POST, PUT and PATCH only; without it a receiver loses the body
      ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    };
    const url = resolveUrl(baseUrl, httpRequest.path);
    if (url === null) return 'InvalidPath';
    if (!areValidHeaders(allHeaders)) return 'InvalidHeader';
    if (count > 1 && Buffer.byteLength(body) > MAX_REQUEST_BYTES_OF_MANY) return 'BodyTooLarge';
    const { method = 'POST' } = httpRequest;
    return { url, method, headers: allHeaders, body, readCharacters };
  };

  const sendWith = async (
    secrets: HttpSecrets,
    sending: Sending,
    { now, signal }: DeliveryContext,
  ): Promise<RequestOutcomes> => {
    const ofAll = (request: DeliveryOutcome): RequestOutcomes => toOutcomesOfAll(request, sending);
    const httpRequest = sending.toRequest(secrets.secret);
    if ('undeliverable' in httpRequest) {
      return ofAll(rejected('undeliverable', { detail: httpRequest.undeliverable }));
    }
    if (signal.aborted) return ofAll(retry('timeout'));
    const call = buildCall(sending, httpRequest, secrets, now);
    if (call === 'InvalidHeader' && !isHeaderValue(secrets.secret)) {
      return ofAll(secretUnavailable(new TypeError('The secret cannot be a header')));
    }
    if (typeof call === 'string') return ofAll(rejected('invalid_request', { cause: call }));
    return sending.toOutcomes(await sendHttp(call, signal), now);
  };

  const send = async (sending: Sending, context: DeliveryContext): Promise<RequestOutcomes> => {
    if (context.signal.aborted) return toOutcomesOfAll(retry('timeout'), sending);
    let secrets: HttpSecrets;
    try {
      // nothing is sent yet, so a secret that takes too long is not a delivery that may have been made
      secrets = await rejectOnAbort(readSecrets(), context.signal);
    } catch (error) {
      const cause = error instanceof SecretError ? error.cause : error;
      return toOutcomesOfAll(secretUnavailable(cause), sending);
    }
    const first = await sendWith(secrets, sending, context);
    if (first.request.kind !== 'retry' || first.request.alert !== 'credentials_rejected') {
      return first;
    }
    // The key may have been rotated. The receiver has done nothing yet, so the request can be sent again
    // at once.
    const newest = rejectOnAbort(readSecrets('newest'), context.signal);
    const refreshed = await newest.catch(() => secrets);
    return refreshed === secrets ? first : sendWith(refreshed, sending, context);
  };

  const deliver: Destination['deliver'] = async (record, context) => {
    const sending: Sending = {
      count: 1,
      id: record.id,
      toRequest: (secret) => toRequest(record, secret),
      toOutcomes: (result, now) => ({ request: toOutcome(result, now, outcome), records: [null] }),
    };
    return (await send(sending, context)).request;
  };

  const { requestMany, undeliverableReason } = options;
  const policy = { ...withDefaults(options), onNoResponse };
  if (requestMany === undefined) return { ...policy, deliver };

  const deliverMany: DeliverMany = async (allRecords, context) => {
    const records = allRecords.map(toWellFormedRecord);
    const rejections = records.map((record) => findRejection(record, undeliverableReason));
    const sent = records.filter((_, index) => rejections[index] === null);
    const sending: Sending = {
      count: sent.length,
      id: toBatchId(sent),
      toRequest: (secret) => requireSync(requestMany(sent, secret)),
      toOutcomes: (result, now) => toOutcomes(result, sent, now, outcome, outcomes),
    };
    return sendUnrejected(rejections, () => send(sending, context));
  };
  return { ...policy, deliver: toDeliver(deliverMany), deliverMany };
}

/** The outcome of a request whose records have none of their own. */
function toOutcomesOfAll(request: DeliveryOutcome, { count }: Sending): RequestOutcomes {
  return { request, records: Array.from({ length: count }, () => null) };
}

/** The outcome of a record that no request can be made from; null for every other. */
function findRejection(
  record: RelayRecord,
  undeliverableReason: HttpRequestOptions['undeliverableReason'] = () => null,
): DeliveryOutcome | null {
  try {
    const detail = requireSync(undeliverableReason(record)) ?? null;
    return detail === null ? null : rejected('undeliverable', { detail });
  } catch (error) {
    return rejected('deliver_threw', { cause: errorName(error) });
  }
}

/** The same for the same records, in any order; that of its record for a batch of one. */
function toBatchId(records: readonly RelayRecord[]): string {
  const ids = records.map(({ id }) => id).toSorted();
  const [id = ''] = ids;
  if (ids.length === 1) return id;
  return `batch-${createHash('sha256').update(JSON.stringify(ids)).digest('hex')}`;
}

/** A secret that is missing or malformed is fixed by a person; until then nothing is lost. */
function secretUnavailable(error: unknown): DeliveryOutcome {
  return retry('secret_unavailable', { cause: errorName(error), alert: 'secret_unavailable' });
}

/** Returns the address, or what is wrong with it. */
function parseDestinationUrl({ url, allowInsecureHttp }: HttpDestinationSettings): URL | string {
  const parsedUrl = URL.parse(url);
  if (parsedUrl === null) return `has a url that ${NOT_A_URL}`;
  if (hasCredentials(parsedUrl)) return `has a url that ${HAS_CREDENTIALS}`;
  const isAllowed =
    isHttpsOrLoopback(parsedUrl) || (allowInsecureHttp === true && parsedUrl.protocol === 'http:');
  return isAllowed ? parsedUrl : `has a url that ${NOT_HTTPS}`;
}

/** Says whether headers can be sent: names are tokens, and values have no line breaks (RFC 9110, section 5). */
function areValidHeaders(headers: Headers): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch {
    return false;
  }
}

/** Header names are case-insensitive (RFC 9110), so that a request's header overrides the destination's. */
function lowercaseNames(headers: Headers): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
