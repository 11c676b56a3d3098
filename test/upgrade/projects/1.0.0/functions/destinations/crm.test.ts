import { expect, it } from 'vitest';
import { previewDelivery, readRecord } from 'voucher-relay/testing';
import { crm } from './crm.ts';

it('gets the code of a customer', async () => {
  const record = await readRecord('events/code-percent-discount.json');
  const { requests } = await previewDelivery(crm, record);
  expect(requests).toMatchObject([
    {
      method: 'PUT',
      url: 'https://{stage}/customers/shop-10442',
      json: { code: 'HARBOUR-PCT7KD93' },
    },
  ]);
  expect(requests[0]?.headers['authorization']).toMatch(/^Bearer /);
});

it('gets no promotion', async () => {
  const record = await readRecord('events/promotion.json');
  expect(await previewDelivery(crm, record)).toEqual({
    isAccepted: false,
    problem: null,
    requests: [],
  });
});
