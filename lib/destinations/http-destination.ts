import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { RelayRecord } from '../record/record.ts';
import { HAS_CREDENTIALS, NOT_A_URL, NOT_HTTPS } from '../platform/config.ts';
import { errorName } from '../error-name.ts';
import { SecretError } from '../platform/cached-secret.ts';
import { rejectOnAbort } from '../platform/deadline.ts';
import { type ContentMode, toCloudEventRequest, withoutUnmapped } from './cloud-event.ts';
import {
  type DeliveryContext,
  type Destination,
  type DestinationOptions,
  withDefaults,
} from './destination.ts';
import { type HttpCall, createHttpClient } from './http-client.ts';
import { type MapResponse, toOutcome } from './http-outcome.ts';
import {
  createHttpSecrets,
  type HttpSecrets,
  type HttpSecretSources,
  isHeaderValue,
} from './http-secrets.ts';
import { resolveUrl, type Undeliverable, type HttpRequest } from './http-request.ts';
import { createMisconfigured } from './misconfigured.ts';
import { type DeliveryOutcome, rejected, retry } from './outcome.ts';
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

/**
 * Creates a destination of the kind `http`: one request for each record. When the address is not a URL,
 * holds a user or a password, or is http without `allowInsecureHttp` and not on this machine, its
 * deliveries wait.
 */
export function createHttpDestination(options: HttpDestinationSettings): Destination {
  const { headers = {}, onNoResponse = 'retry', contentMode = 'json', outcome } = options;
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

  const buildCall = (
    record: RelayRecord,
    httpRequest: HttpRequest,
    secrets: HttpSecrets,
    now: Date,
  ): HttpCall | 'InvalidPath' | 'InvalidHeader' => {
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
        : toWebhookHeaders(secrets.signingKeys, record.id, now, body)),
      // node:http sets it for POST, PUT and PATCH only; without it a receiver loses the body
      ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    };
    const url = resolveUrl(baseUrl, httpRequest.path);
    if (url === null) return 'InvalidPath';
    if (!areValidHeaders(allHeaders)) return 'InvalidHeader';
    const { method = 'POST' } = httpRequest;
    return { url, method, headers: allHeaders, body, readsBody: outcome !== undefined };
  };

  const deliverWith = async (
    secrets: HttpSecrets,
    record: RelayRecord,
    { now, signal }: DeliveryContext,
  ): Promise<DeliveryOutcome> => {
    const httpRequest = toRequest(record, secrets.secret);
    if ('undeliverable' in httpRequest)
      return rejected('undeliverable', { detail: httpRequest.undeliverable });
    if (signal.aborted) return retry('timeout');
    const call = buildCall(record, httpRequest, secrets, now);
    if (call === 'InvalidHeader' && !isHeaderValue(secrets.secret)) {
      return secretUnavailable(new TypeError('The secret cannot be a header'));
    }
    if (typeof call === 'string') return rejected('invalid_request', { cause: call });
    return toOutcome(await sendHttp(call, signal), now, outcome);
  };

  return {
    ...withDefaults(options),
    onNoResponse: onNoResponse,
    async deliver(record, context) {
      if (context.signal.aborted) return retry('timeout');
      let secrets: HttpSecrets;
      try {
        // nothing is sent yet, so a secret that takes too long is not a delivery that may have been made
        secrets = await rejectOnAbort(readSecrets(), context.signal);
      } catch (error) {
        return secretUnavailable(error instanceof SecretError ? error.cause : error);
      }
      const first = await deliverWith(secrets, record, context);
      if (first.kind !== 'retry' || first.alert !== 'credentials_rejected') return first;
      // The key may have been rotated. The receiver has done nothing yet, so the request can be sent again
      // at once.
      const newest = rejectOnAbort(readSecrets('newest'), context.signal);
      const refreshed = await newest.catch(() => secrets);
      return refreshed === secrets ? first : deliverWith(refreshed, record, context);
    },
  };
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
