import type { RelayRecord } from '../record/record.ts';
import { type Destination, type DestinationRules, withDefaults } from './destination.ts';
import { type Call, createExchange } from './http-exchange.ts';
import { outcomeOf } from './http-outcome.ts';
import { addressOf, type Cannot, type HttpRequest } from './http-request.ts';
import { rejected } from './outcome.ts';
import { signatureHeaders, signingSecretBytes } from './standard-webhooks.ts';

/** A receiver that is told by an HTTP request. */
export interface HttpDestination extends DestinationRules {
  readonly url: string;
  /** `whsec_...`: requests are signed with each, so that a secret can be replaced without a gap. */
  readonly signingSecrets?: readonly string[];
  /** Sent with every request, for example `{ authorization: bearer(settings.CRM_TOKEN) }`. */
  readonly headers?: { readonly [name: string]: string };
  /** What to send; the record itself, as a CloudEvent, by default. */
  readonly request?: (record: RelayRecord) => HttpRequest | Cannot;
  /** Whether the CloudEvent carries `rest`, all that has no place of its own in the record; no by default. */
  readonly includeRest?: boolean;
  /**
   * What to do when the request went out and no answer came. `retry` by default; `dead-letter` for a
   * receiver that would act twice on the same request, such as a sender of text messages.
   */
  readonly whenUncertain?: 'retry' | 'dead-letter';
}

/** A destination of the kind `http`. */
export function http(options: HttpDestination): Destination {
  const { url, headers = {}, whenUncertain = 'retry' } = options;
  const secrets = (options.signingSecrets ?? []).map(signingSecretBytes);
  const request = options.request ?? ((record) => cloudEvent(record, options.includeRest ?? false));
  // On a kept connection the receiver's closing it and its not answering look the same. Where that
  // matters, every request has a connection of its own.
  const exchange = createExchange(whenUncertain === 'retry');

  const callFor = (record: RelayRecord, wanted: HttpRequest, at: Date): Call => {
    const body = wanted.body?.text ?? '';
    return {
      url: addressOf(url, wanted.path),
      method: wanted.method ?? 'POST',
      body,
      headers: {
        'user-agent': 'voucher-relay',
        ...(wanted.body === undefined ? {} : { 'content-type': wanted.body.type }),
        ...lowerCased(headers),
        ...lowerCased(wanted.headers ?? {}),
        ...(secrets.length === 0 ? {} : signatureHeaders(secrets, record.id, at, body)),
      },
    };
  };

  return {
    ...withDefaults(options),
    whenUncertain,
    async deliver(record, { at, signal }) {
      const wanted = request(record);
      if ('cannot' in wanted) return rejected('cannot', { detail: wanted.cannot });
      return outcomeOf(await exchange(callFor(record, wanted, at), signal), at);
    },
  };
}

/** The record as a CloudEvent in structured mode (CloudEvents 1.0, HTTP protocol binding). */
function cloudEvent(record: RelayRecord, includeRest: boolean): HttpRequest {
  // what is undefined does not appear in JSON
  const event = includeRest ? record : { ...record, data: { ...record.data, rest: undefined } };
  return { body: { type: 'application/cloudevents+json', text: JSON.stringify(event) } };
}

/** Header names know no case; a request's own header takes the place of the destination's. */
function lowerCased(headers: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
