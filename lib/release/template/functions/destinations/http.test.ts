import { expect, it } from 'vitest';
import { previewDelivery, readRecord } from 'voucher-relay/testing';
import { http } from './http.ts';

// A test of a destination: what it would send for a webhook of events/. Nothing leaves the machine.

it('gets a record as a signed CloudEvent', async () => {
  const record = await readRecord('events/code-percent-discount.json');
  const { isAccepted, requests } = await previewDelivery(http, record);
  expect(isAccepted).toBe(true);
  expect(requests).toMatchObject([
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': record.id },
      json: { specversion: '1.0', id: record.id, data: { purpose: 'code' } },
    },
  ]);
});
