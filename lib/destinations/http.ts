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

/** A receiver that is told by an HTTP request. */
export interface HttpDestinationOptions extends DestinationOptions, HttpSecretSources {
  readonly url: string;
  /** Lets an address be plain http, where everybody on the way can read codes and names. */
  readonly allowInsecureHttp?: true;
  /** The receiver's key, handed to `headers` and `request`. Read again when the receiver refuses it. */
  readonly secret?: Secret;
  /** `whsec_...`, several with blanks between: requests are signed with each. None with null. */
  readonly signingSecrets?: Secret | null;
  /** Sent with every request, for example `(token) => ({ authorization: bearer(token) })`. */
  readonly headers?: Headers | ((secret: string) => Headers);
  /** What to send; the record itself, as a CloudEvent, by default. */
  readonly request?: (record: RelayRecord, secret: string) => HttpRequest | Undeliverable;
  /** Whether the CloudEvent carries `rest`, all that has no place of its own in the record; no by default. */
  readonly includeUnmapped?: boolean;
  /**
   * What to do when the request went out and no answer came. `retry` by default; `dead-letter` for a
   * receiver that would act twice on the same request, such as a sender of text messages.
   */
  readonly onNoResponse?: 'retry' | 'dead-letter';
}

interface Headers {
  readonly [name: string]: string;
}

/**
 * A destination of the kind `http`.
 * @throws ConfigError when its address is no URL, or neither https nor http that is said to be unencrypted
 */
export function http(options: HttpDestinationOptions): Destination {
  const { headers = {}, onNoResponse = 'retry' } = options;
  const baseUrl = parseDestinationUrl(options);
  const readSecrets = createHttpSecrets(options);
  const toEvent = options.includeUnmapped === true ? toCloudEvent : toCompactCloudEvent;
  const request = options.request ?? ((record) => ({ body: toEvent(record) }));
  // On a kept connection the receiver's closing it and its not answering look the same. Where that
  // matters, every request has a connection of its own.
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
      // it may have been rotated: the receiver has done nothing yet, so it can be asked again at once
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
    `The address of the destination '${name}' ${fault}. Mend functions/destinations.ts or the setting that it reads.`,
  );
}

/** Header names know no case; a request's own header takes the place of the destination's. */
function lowercaseNames(headers: Headers): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
