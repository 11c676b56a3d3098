import { onTestFinished } from 'vitest';
import type { DestinationDeclaration } from '../../lib/destinations/declaration.ts';
import { secretsManager } from '../../lib/destinations/secrets-manager.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord, aVoucher } from './a-record.ts';
import { createLocally } from './create-locally.ts';
import { aDelivery, createTestFanOut } from './fan-out.ts';
import { type Behaviour, startReceiver } from './http-receiver.ts';

export const SECRET = secretsManager('voucher-relay/{stage}/invented');
/** No pace: a test does not wait for the turn of a request. */
export const WITHOUT_PACE = { limit: { concurrency: 2 } };
/** What must be in no log. */
export const PERSONAL = ['ida.quay', '+442071838750', 'crm-5512', 'HARBOUR-'];

/** A record of a code for a customer of its own. */
export function aCodeFor(
  n: number,
  { customer = {}, voucher = {} }: { customer?: object; voucher?: object } = {},
): RelayRecord {
  const { data } = aRecord();
  if (data.customer === null) throw new Error('The record for tests has a customer');
  return aRecord({
    id: `whs_${n}`,
    data: {
      customer: {
        ...data.customer,
        email: `ida.quay+${n}@example.test`,
        sourceId: `crm-5512-${n}`,
        phone: '+442071838750',
        ...customer,
      },
      voucher: aVoucher({ code: `HARBOUR-${n}`, expiresAt: null, ...voucher }),
    },
  });
}

/** Records of codes, each for a customer of its own. */
export function someCodes(count: number): readonly RelayRecord[] {
  return Array.from({ length: count }, (_, n) => aCodeFor(n));
}

/** A ready-made destination with a receiver on this machine, and a fanOut that delivers to it. */
export async function startReadyMade(declaration: DestinationDeclaration, behave?: Behaviour) {
  const { url, received, stop } = await startReceiver(behave);
  onTestFinished(stop);
  const [destination] = createLocally([declaration], url, 'invented-key');
  if (destination === undefined) throw new Error('There is no destination');
  const fanOut = createTestFanOut([destination]);
  const createContext = () => ({ now: new Date(), signal: AbortSignal.timeout(10_000) });
  return {
    ...fanOut,
    destination,
    received,
    /** One attempt for a record. */
    attempt: (record: RelayRecord) => destination.deliver(record, createContext()),
    /** One attempt for several records. */
    attemptMany: async (records: readonly RelayRecord[]) => {
      const outcomes = await destination.deliverMany?.(records, createContext());
      if (outcomes === undefined) throw new Error('The destination sends one record a request');
      return outcomes;
    },
    /** All that fanOut does for these records; returns the messages that stay. */
    deliverAll: (records: readonly RelayRecord[]) =>
      fanOut.deliver(destination.id, ...records.map((record) => aDelivery(record, destination.id))),
    deadIds: () => fanOut.deadLetters.map((each) => 'record' in each && each.record.id),
  };
}
