import type { RelayRecord } from '../record/record.ts';
import { ConfigError } from '../platform/config.ts';
import { causeOf } from '../platform/cached-secret.ts';
import { cloudEvent, cloudEventWithoutRest } from './cloud-event.ts';
import {
  type Attempt,
  type Destination,
  type DestinationRules,
  withDefaults,
} from './destination.ts';
import { type Call, createExchange } from './http-client.ts';
import { createHttpKeys, type HttpKeys, type HttpKeySources } from './http-secrets.ts';
import { outcomeOf } from './http-outcome.ts';
import { addressOf, type Cannot, type HttpRequest } from './http-request.ts';
import { type Outcome, rejected, retry, TIME_LIMIT } from './outcome.ts';
import type { Secret } from './secret.ts';
import { isPrivate } from './url.ts';
import { signatureHeaders } from './standard-webhooks.ts';

/** A receiver that is told by an HTTP request. */
export interface HttpDestination extends DestinationRules, HttpKeySources {
  readonly url: string;
  /** Lets an address be plain http, where everybody on the way can read codes and names. */
  readonly unencrypted?: true;
  /** The receiver's key, handed to `headers` and `request`. Read again when the receiver refuses it. */
  readonly secret?: Secret;
  /** `whsec_...`, several with blanks between: requests are signed with each. None with null. */
  readonly signingSecrets?: Secret | null;
  /** Sent with every request, for example `(token) => ({ authorization: bearer(token) })`. */
  readonly headers?: Headers | ((secret: string) => Headers);
  /** What to send; the record itself, as a CloudEvent, by default. */
  readonly request?: (record: RelayRecord, secret: string) => HttpRequest | Cannot;
  /** Whether the CloudEvent carries `rest`, all that has no place of its own in the record; no by default. */
  readonly includeRest?: boolean;
  /**
   * What to do when the request went out and no answer came. `retry` by default; `dead-letter` for a
   * receiver that would act twice on the same request, such as a sender of text messages.
   */
  readonly whenUncertain?: 'retry' | 'dead-letter';
}

interface Headers {
  readonly [name: string]: string;
}

/**
 * A destination of the kind `http`.
 * @throws ConfigError when its address is no URL, or neither https nor http that is said to be unencrypted
 */
export function http(options: HttpDestination): Destination {
  const { headers = {}, whenUncertain = 'retry' } = options;
  const address = addressIn(options);
  const keysOf = createHttpKeys(options);
  const eventOf = options.includeRest === true ? cloudEvent : cloudEventWithoutRest;
  const request = options.request ?? ((record) => ({ body: eventOf(record) }));
  // On a kept connection the receiver's closing it and its not answering look the same. Where that
  // matters, every request has a connection of its own.
  const exchange = createExchange(whenUncertain === 'retry');

  const callFor = (record: RelayRecord, wanted: HttpRequest, keys: HttpKeys, at: Date): Call => {
    const body = wanted.body?.text ?? '';
    return {
      url: addressOf(address, wanted.path),
      method: wanted.method ?? 'POST',
      body,
      headers: {
        'user-agent': 'voucher-relay',
        ...(wanted.body === undefined ? {} : { 'content-type': wanted.body.type }),
        ...lowerCased(typeof headers === 'function' ? headers(keys.secret) : headers),
        ...lowerCased(wanted.headers ?? {}),
        ...(keys.signing.length === 0 ? {} : signatureHeaders(keys.signing, record.id, at, body)),
      },
    };
  };

  const deliverWith = async (
    keys: HttpKeys,
    record: RelayRecord,
    { at, signal }: Attempt,
  ): Promise<Outcome> => {
    const wanted = request(record, keys.secret);
    if ('cannot' in wanted) return rejected('cannot', { detail: wanted.cannot });
    if (signal.aborted) return retry(TIME_LIMIT);
    return outcomeOf(await exchange(callFor(record, wanted, keys, at), signal), at);
  };

  return {
    ...withDefaults(options),
    whenUncertain,
    async deliver(record, attempt) {
      let keys: HttpKeys;
      try {
        keys = await keysOf();
      } catch (error) {
        return retry(`secret_unreadable_${causeOf(error)}`, { alarm: 'secret_unreadable' });
      }
      const outcome = await deliverWith(keys, record, attempt);
      if (outcome.kind !== 'retry' || outcome.alarm !== 'key_refused') return outcome;
      // it may have been rotated: the receiver has done nothing yet, so it can be asked again at once
      const newest = await keysOf('newest').catch(() => keys);
      return newest === keys ? outcome : deliverWith(newest, record, attempt);
    },
  };
}

function addressIn({ name, url, unencrypted }: HttpDestination): URL {
  const address = URL.parse(url);
  if (address !== null && (isPrivate(address) || (unencrypted && address.protocol === 'http:'))) {
    return address;
  }
  const fault = address === null ? 'is not a URL' : 'does not begin with https://';
  throw new ConfigError(
    `The address of the destination '${name}' ${fault}. Mend functions/destinations.ts or the setting that it reads.`,
  );
}

/** Header names know no case; a request's own header takes the place of the destination's. */
function lowerCased(headers: Headers): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
