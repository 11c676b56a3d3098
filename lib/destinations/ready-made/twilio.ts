import { redeemableCode } from '../../record/redeemable-code.ts';
import type { RelayRecord } from '../../record/record.ts';
import type { DestinationDeclaration } from '../declaration.ts';
import { basic, form, undeliverable } from '../http-request.ts';
import { http } from '../http.ts';
import { requireSync } from '../require-sync.ts';
import { hasRedeemableCode, type ReadyMadeOptions } from './options.ts';

/** The options of `twilio`. The secret is the account's auth token. */
export interface TwilioOptions extends ReadyMadeOptions {
  /** The SID of the account, `AC` and 32 digits. */
  readonly accountSid: string;
  /** Who sends: the SID of a messaging service (`MG` and 32 digits), a phone number or another sender. */
  readonly from: string;
  /** The text of the message, up to 1,600 characters. */
  readonly message: (record: RelayRecord) => string;
}

/**
 * Twilio documents that it limits how many requests an account may have open (error 20429), and no number.
 * This one is ours. How fast messages leave depends on the sender: Twilio queues them.
 */
const LIMIT = { concurrency: 10 };
/** A longer wait makes uncertain cases rarer. */
const TIMEOUT_MS = 10_000;
/** ITU-T E.164, which Twilio requires. */
const E164 = /^\+[1-9]\d{1,14}$/;
const MESSAGING_SERVICE_SID = /^MG[0-9a-f]{32}$/i;

/**
 * Declares a destination that sends a text message by Twilio for each record with a redeemable code. A
 * record without a phone number in the form E.164 is undeliverable. Twilio cannot recognise a repetition:
 * without a response nothing is sent again, and of records that report the same code of one publication
 * only the first is. Delivered means that Twilio has queued the message.
 */
export function twilio(options: TwilioOptions): DestinationDeclaration {
  const { accountSid, from, message, ...others } = options;
  const sender = MESSAGING_SERVICE_SID.test(from) ? { MessagingServiceSid: from } : { From: from };
  return http({
    name: 'twilio',
    limit: LIMIT,
    timeoutMs: TIMEOUT_MS,
    accepts: hasRedeemableCode,
    deduplicateBy: toPublicationKey,
    onNoResponse: 'dead-letter',
    ...others,
    url: 'https://api.twilio.com/2010-04-01',
    headers: (token) => ({ authorization: basic(accountSid, token) }),
    request: (record) => {
      const phone = record.data.customer?.phone ?? null;
      if (phone === null) return undeliverable('the customer has no phone');
      // separators that change no digit; "(0)" would
      const To = phone.replaceAll(/[ .-]/g, '');
      if (!E164.test(To)) return undeliverable('the phone is not in the form E.164');
      return {
        path: `/Accounts/${accountSid}/Messages.json`,
        body: form({ To, ...sender, Body: requireSync(message(record)) }),
      };
    },
  });
}

/** A publication can have several codes, and several webhooks can report it. */
function toPublicationKey(record: RelayRecord): string | null {
  const id = record.data.publication?.id ?? null;
  const code = redeemableCode(record);
  return id === null || code === null ? null : `${id} ${code}`;
}
