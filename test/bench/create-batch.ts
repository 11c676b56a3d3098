import type { SQSEvent } from 'aws-lambda';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { aBatch } from '../support/lambda.ts';

/** An SQS batch of that many records, none of them expired. */
export function createBatch(count: number): SQSEvent {
  const voucher = aVoucher({ expiresAt: null });
  return aBatch(
    ...Array.from({ length: count }, (_, n) => aRecord({ id: `whs_${n}`, data: { voucher } })),
  );
}
