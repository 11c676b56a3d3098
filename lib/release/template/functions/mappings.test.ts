import { expect, it } from 'vitest';
import { readRecord } from 'voucher-relay/testing';
import { mappings } from './mappings.ts';

// A test of a mapping: the record that receive makes of a body that was posted to its address.

it('makes a message of a mail that was written in the payload designer', async () => {
  const record = await readRecord('events/mapping-designer-mail.json', { mappings });
  expect(record.data.purpose).toBe('message');
  expect(record.data.customer?.email).toContain('@');
});
