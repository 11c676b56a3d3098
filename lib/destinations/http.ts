import type { RelayRecord } from '../record/record.ts';
import { ConfigError } from '../platform/config.ts';
import { errorName } from '../error-name.ts';
import { SecretError } from '../platform/cached-secret.ts';
import { toCloudEvent, toCompactCloudEvent } from './cloud-event.ts';
import {
  type DeliveryContext,
  type Destination,
  type DestinationOptions,
  withDefaults,
} from './destination.ts';
import { type HttpCall, createHttpClient } from './http-client.ts';
import { createHttpSecrets, type HttpSecrets, type HttpSecretSources } from './http-secrets.ts';
import { toOutcome } from './http-outcome.ts';
import { resolveUrl, type Undeliverable, type HttpRequest } from './http-request.ts';
import { type DeliveryOutcome, rejected, retry } from './outcome.ts';
import type { Secret } from './secret.ts';
import { isHttpsOrLoopback } from './url.ts';
import { toWebhookHeaders } from './standard-webhooks.ts';

/** Options for a receiver of HTTP requests. */
export interface HttpDestinationOptions extends DestinationOptions, HttpSecretSources {
  readonly url: string;
  /** Allows a plain http address, where everybody on the network path can read codes and names. */
  readonly allowInsecureHttp?: true;
  /** The receiver's key, passed to `headers` and `request`. Read again when the receiver rejects it. */
  readonly secret?: Secret;
  /** `whsec_...`, or several separated by spaces: requests are signed with each. Not signed when null. */
  readonly signingSecrets?: Secret | null;
  /** Sent with every request, for example `(token) => ({ authorization: bearer(token) })`. */
  readonly headers?: Headers | ((secret: string) => Headers);
  /** What to send; by default the record as a CloudEvent. */
  readonly request?: (record: RelayRecord, secret: string) => HttpRequest | Undeliverable;
  /** Whether the CloudEvent includes `unmapped`, the values without a field of their own; false by default. */
  readonly includeUnmapped?: boolean;
  /**
   * What to do when the request was sent and no response came. `retry` by default; `dead-letter` for a
   * receiver that would act twice on the same request, such as a sender of text messages.
   */
  readonly onNoResponse?: 'retry' | 'dead-letter';
}

interface Headers {
  readonly [name: string]: string;
}

/**
 * Creates a destination of the kind `http`: one request for each record.
 * @throws ConfigError when the address is not a URL, or is http without `allowInsecureHttp` and not on this
 * machine
 */
export function http(options: HttpDestinationOptions): Destination {
  const { headers = {}, onNoResponse = 'retry' } = options;
  const baseUrl = parseDestinationUrl(options);
  const readSecrets = createHttpSecrets(options);
  const toEvent = options.includeUnmapped === true ? toCloudEvent : toCompactCloudEvent;
  const request = options.request ?? ((record) => ({ body: toEvent(record) }));
  // On a reused connection, a receiver that closes it and one that does not respond look the same. Where
  // the difference matters, every request has a connection of its own.
  const sendHttp = createHttpClient(onNoResponse === 'retry');

  const buildCall = (
    record: RelayRecord,
    httpRequest: HttpRequest,
    secrets: HttpSecrets,
    now: Date,
  ): HttpCall => {
    const body = httpRequest.body?.text ?? '';
    return {
      url: resolveUrl(baseUrl, httpRequest.path),
      method: httpRequest.method ?? 'POST',
      body,
      headers: {
        'user-agent': 'voucher-relay',
        ...(httpRequest.body === undefined ? {} : { 'content-type': httpRequest.body.type }),
        ...lowercaseNames(typeof headers === 'function' ? headers(secrets.secret) : headers),
        ...lowercaseNames(httpRequest.headers ?? {}),
        ...(secrets.signingKeys.length === 0
          ? {}
          : toWebhookHeaders(secrets.signingKeys, record.id, now, body)),
        // node:http sets it for POST, PUT and PATCH only; without it a receiver loses the body
        ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    };
  };

  const deliverWith = async (
    secrets: HttpSecrets,
    record: RelayRecord,
    { now, signal }: DeliveryContext,
  ): Promise<DeliveryOutcome> => {
    const httpRequest = request(record, secrets.secret);
    if ('undeliverable' in httpRequest)
      return rejected('undeliverable', { detail: httpRequest.undeliverable });
    if (signal.aborted) return retry('timeout');
    return toOutcome(await sendHttp(buildCall(record, httpRequest, secrets, now), signal), now);
  };

  return {
    ...withDefaults(options),
    onNoResponse: onNoResponse,
    async deliver(record, context) {
      let secrets: HttpSecrets;
      try {
        secrets = await readSecrets();
      } catch (error) {
        return retry('secret_unavailable', {
          cause: errorName(error instanceof SecretError ? error.cause : error),
          alert: 'secret_unavailable',
        });
      }
      const outcome = await deliverWith(secrets, record, context);
      if (outcome.kind !== 'retry' || outcome.alert !== 'credentials_rejected') return outcome;
      // The key may have been rotated. The receiver has done nothing yet, so the request can be sent again
      // at once.
      const refreshed = await readSecrets('newest').catch(() => secrets);
      return refreshed === secrets ? outcome : deliverWith(refreshed, record, context);
    },
  };
}

function parseDestinationUrl({ name, url, allowInsecureHttp }: HttpDestinationOptions): URL {
  const parsedUrl = URL.parse(url);
  if (
    parsedUrl !== null &&
    (isHttpsOrLoopback(parsedUrl) || (allowInsecureHttp && parsedUrl.protocol === 'http:'))
  ) {
    return parsedUrl;
  }
  const fault = parsedUrl === null ? 'is not a URL' : 'does not begin with https://';
  throw new ConfigError(
    `The address of the destination '${name}' ${fault}. Fix functions/destinations.ts or the setting that it reads.`,
  );
}

/** Header names are case-insensitive (RFC 9110), so that a request's header overrides the destination's. */
function lowercaseNames(headers: Headers): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
