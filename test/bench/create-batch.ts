import type { SQSEvent } from 'aws-lambda';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { aBatch } from '../support/lambda.ts';

/** A batch of so many records, all worth delivering. */
export function createBatch(count: number): SQSEvent {
  const voucher = aVoucher({ expiresAt: null });
  return aBatch(
    ...Array.from({ length: count }, (_, n) => aRecord({ id: `whs_${n}`, data: { voucher } })),
  );
}
