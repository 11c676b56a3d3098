import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { twilio, type TwilioOptions } from '../../../lib/destinations/ready-made/twilio.ts';
import { redeemableCode } from '../../../lib/record/redeemable-code.ts';
import { TwilioMessageSchema } from '../../docs/api-shapes.ts';
import { aRecord } from '../../support/a-record.ts';
import { type Received, respondWith } from '../../support/http-receiver.ts';
import { aCodeFor, PERSONAL, SECRET, startReadyMade } from '../../support/ready-made.ts';

const ACCOUNT = `AC${'0'.repeat(32)}`;
const SERVICE = `MG${'1'.repeat(32)}`;
const declare = (options: Partial<TwilioOptions> = {}) =>
  twilio({
    secret: SECRET,
    accountSid: ACCOUNT,
    from: SERVICE,
    message: (record) => `Your code: ${redeemableCode(record)} & enjoy`,
    ...options,
  });
const readForm = ({ body }: Pick<Received, 'body'>) =>
  v.parse(TwilioMessageSchema, Object.fromEntries(new URLSearchParams(body)));
const withPhone = (phone: string | null) => aCodeFor(1, { customer: { phone } });

describe('twilio', () => {
  it('sends one message for a record', async () => {
    const { attempt, received } = await startReadyMade(declare(), respondWith(201));
    expect(await attempt(aCodeFor(1))).toMatchObject({ kind: 'delivered' });
    expect(received).toMatchObject([
      {
        method: 'POST',
        path: `/hook/Accounts/${ACCOUNT}/Messages.json`,
        headers: {
          authorization: `Basic ${Buffer.from(`${ACCOUNT}:invented-key`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
      },
    ]);
    expect(received.map(readForm)).toEqual([
      {
        To: '+442071838750',
        MessagingServiceSid: SERVICE,
        Body: 'Your code: HARBOUR-1 & enjoy',
      },
    ]);
  });

  it('has the address of the API', () => {
    const [address] = declare().needs;
    expect(address).toMatchObject({ address: 'https://api.twilio.com/2010-04-01' });
  });

  it.each(['+15005550006', 'Harbour'])(
    'sends from a sender that is no service: %s',
    async (from) => {
      const { attempt, received } = await startReadyMade(declare({ from }));
      await attempt(aCodeFor(1));
      expect(received.map(readForm)).toMatchObject([{ From: from }]);
      expect(received[0]?.body).not.toContain('MessagingServiceSid');
    },
  );

  it('removes the separators of a phone number', async () => {
    const { attempt, received } = await startReadyMade(declare());
    await attempt(withPhone('+44 20.7183-8750'));
    expect(received.map(readForm)).toMatchObject([{ To: '+442071838750' }]);
  });

  it.each([
    [null, 'the customer has no phone'],
    ['020 7183 8750', 'the phone is not in the form E.164'],
    ['+44 (0)20 7183 8750', 'the phone is not in the form E.164'],
    ['+0442071838750', 'the phone is not in the form E.164'],
    ['+4420718387501234', 'the phone is not in the form E.164'],
  ])('sends nothing to the phone %s', async (phone, detail) => {
    const { attempt, received } = await startReadyMade(declare());
    const outcome = await attempt(withPhone(phone));
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'undeliverable', detail });
    expect(received).toEqual([]);
  });

  it.each([
    [400, 'rejected'],
    [404, 'rejected'],
    [401, 'retry'],
    [429, 'retry'],
    [503, 'retry'],
  ])('has the usual outcome of a response: %i is %s', async (status, kind) => {
    const { attempt } = await startReadyMade(declare(), respondWith(status));
    expect(await attempt(aCodeFor(1))).toMatchObject({ kind });
  });

  it('does not send a message again that may have been sent', async () => {
    const { deliverAll, received, deadLetters } = await startReadyMade(
      declare(),
      (_request, response) => void response.destroy(),
    );
    expect(await deliverAll([aCodeFor(1)])).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason: 'maybe_delivered' }]);
    expect(received).toHaveLength(1);
  });

  it('gives up a number that Twilio rejects, and logs nothing personal', async () => {
    const message = "The 'To' number +442071838750 is not a valid phone number";
    const { deliverAll, deadIds, telemetry } = await startReadyMade(
      declare(),
      respondWith(400, {}, JSON.stringify({ code: 21211, message, status: 400 })),
    );
    expect(await deliverAll([aCodeFor(1)])).toEqual([]);
    expect(deadIds()).toEqual(['whs_1']);
    const logged = JSON.stringify(telemetry);
    expect(logged).toContain('whs_1');
    for (const text of PERSONAL) expect(logged).not.toContain(text);
  });

  it('delivers the same code of a publication once, and each of its codes', () => {
    const toKey = (code: string, id: string | null = 'pub_n3') => {
      const { publication } = aRecord().data;
      const { data } = aCodeFor(1, { voucher: { code } });
      if (publication === null) throw new Error('The record for tests has a publication');
      return declare().deduplicateBy(
        aRecord({ data: { ...data, publication: { ...publication, id } } }),
      );
    };
    expect(toKey('HARBOUR-1')).toBe(toKey('HARBOUR-1'));
    expect(toKey('HARBOUR-1')).not.toBe(toKey('HARBOUR-2'));
    expect(toKey('HARBOUR-1', null)).toBeNull();
  });
});
