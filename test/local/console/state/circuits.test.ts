import { beforeEach, expect, it } from 'vitest';
import { type Circuits, createCircuits } from '../../../../lib/local/console/state/circuits.ts';
import type { DeliveryLog } from '../../../../lib/telemetry/log-lines.ts';

const OPEN_MS = 45_000;

let nowMs: number;
let circuits: Circuits;

beforeEach(() => {
  nowMs = 1_800_000_000_000;
  circuits = createCircuits({ openMs: () => OPEN_MS, now: () => nowMs });
});

const open = (): void =>
  circuits.onLine({ kind: 'error', entry: { code: 'circuit_opened', destination: 'crm' } });
const log = (changes: Partial<DeliveryLog>): void => {
  const entry: DeliveryLog = {
    id: 'whs_1',
    event: 'voucherify.voucher.published',
    destination: 'crm',
    status: 'waiting',
    ms: 3,
    ...changes,
  };
  circuits.onLine({ kind: 'delivery', entry });
};

it('a circuit is closed until a function reports that it has opened, and that of others stays closed', () => {
  log({ failure: 'http_status', httpStatus: 500 });
  expect(circuits.get('crm')).toBe('closed');
  open();
  expect([circuits.get('crm'), circuits.get('mail')]).toEqual(['open', 'closed']);
});

it('is half-open after its time, and open again after a probe that failed', () => {
  open();
  nowMs += OPEN_MS;
  expect(circuits.get('crm')).toBe('half-open');
  log({ failure: 'http_status', httpStatus: 500 });
  expect(circuits.get('crm')).toBe('open');
});

it('a delivery that was not attempted because of it says that it is open', () => {
  log({ failure: 'circuit_open', nextInSeconds: 20 });
  expect(circuits.get('crm')).toBe('open');
});

it.each<Partial<DeliveryLog>>([
  { status: 'delivered', attempt: 1 },
  { status: 'dead', reason: 'rejected', failure: 'http_status', httpStatus: 400 },
])('a response that says that the destination is up closes it: $status', (changes) => {
  open();
  log(changes);
  expect(circuits.get('crm')).toBe('closed');
});

it('what is given up without an attempt says nothing about it', () => {
  open();
  nowMs += OPEN_MS;
  log({ status: 'dead', reason: 'voucher_expired', failure: 'not_attempted' });
  expect(circuits.get('crm')).toBe('half-open');
});

it('new code begins with closed circuits', () => {
  open();
  circuits.reset();
  expect(circuits.get('crm')).toBe('closed');
});
