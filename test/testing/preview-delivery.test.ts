import { describe, expect, it } from 'vitest';
import { defineMappings } from '../../lib/normalise/mapping.ts';
import { eventbridge } from '../../lib/destinations/eventbridge.ts';
import { http } from '../../lib/destinations/http.ts';
import { json, undeliverable } from '../../lib/destinations/http-request.ts';
import { secretsManager } from '../../lib/destinations/secrets-manager.ts';
import { resource, stageParameter } from '../../lib/destinations/declaration.ts';
import { sns } from '../../lib/destinations/sns.ts';
import { sqs } from '../../lib/destinations/sqs.ts';
import { InvalidWebhookError, previewDelivery, readRecord } from '../../lib/testing.ts';
import { mappings } from '../../events/fixture-mappings.ts';

const CODE = 'events/code-percent-discount.json';

describe('the preview of a delivery', () => {
  it('is the request with its real address, its headers and its body', async () => {
    const destination = http({
      name: 'crm',
      url: 'https://crm.example.test/api?v=2',
      secret: secretsManager('relay/{stage}/crm', { local: 'invented' }),
      headers: (key) => ({ 'x-key': key }),
      request: (record) => ({ path: '/codes', body: json({ id: record.id }) }),
    });
    const { requests, ...rest } = await previewDelivery(destination, await readRecord(CODE));
    expect(rest).toEqual({ isAccepted: true, problem: null });
    expect(requests).toEqual([
      {
        method: 'POST',
        url: 'https://crm.example.test/api/codes?v=2',
        headers: expect.objectContaining({ 'x-key': 'invented' }) as object,
        body: '{"id":"whs_pct7Kd93mQ"}',
        json: { id: 'whs_pct7Kd93mQ' },
      },
    ]);
  });

  it('leaves the host of an address open that a stage parameter holds', async () => {
    const destination = http({ name: 'crm', url: stageParameter('crmUrl') });
    const { requests } = await previewDelivery(destination, await readRecord(CODE));
    expect(requests).toMatchObject([{ url: 'https://{stage}/' }]);
  });

  it.each([
    ['SendMessageBatch', 'OrdersQueue', sqs({ name: 'orders', queue: resource('OrdersQueue') })],
    [
      'PublishBatch',
      'cards',
      sns({ name: 'cards', topic: 'arn:aws:sns:eu-west-1:111122223333:cards' }),
    ],
    ['PutEvents', 'shopBusArn', eventbridge({ name: 'shop', bus: stageParameter('shopBusArn') })],
  ])('is the message of %s to %s', async (method, url, destination) => {
    const record = await readRecord(CODE);
    const { requests } = await previewDelivery(destination, record);
    expect(requests).toMatchObject([{ method, url, json: { id: record.id } }]);
  });

  it('says when the record is not accepted, cannot be sent, or the code of the destination fails', async () => {
    const record = await readRecord(CODE);
    const preview = (more: object) =>
      previewDelivery(http({ name: 'crm', url: 'https://crm.example.test', ...more }), record);
    expect(await preview({ accepts: () => false })).toEqual({
      isAccepted: false,
      problem: null,
      requests: [],
    });
    expect(await preview({ request: () => undeliverable('no phone') })).toEqual({
      isAccepted: true,
      problem: 'undeliverable: no phone',
      requests: [],
    });
    const request = (): never => {
      throw new RangeError('no such field');
    };
    await expect(preview({ request })).rejects.toThrow(new RangeError('no such field'));
  });

  it('leaves the variables of AWS clients as they were', async () => {
    const before = { ...process.env };
    await previewDelivery(
      sqs({ name: 'orders', queue: resource('OrdersQueue') }),
      await readRecord(CODE),
    );
    expect(process.env).toEqual(before);
  });
});

describe('a record for a test', () => {
  it('is read with the mapping that the event was posted to, or with one that is named', async () => {
    const posted = await readRecord('events/mapping-designer-mail.json', { mappings });
    expect(posted.data.purpose).toBe('message');
    const named = await readRecord('events/mapping-designer-mail.json', {
      mappings: defineMappings({ other: mappings.get('designer-mail')!.schema }),
      mapping: 'other',
    });
    expect(named.data.customer).toEqual(posted.data.customer);
  });

  it('depends on the time at which the webhook arrives', async () => {
    const late = await readRecord(CODE, { receivedAt: new Date('2100-01-01T00:00:00.000Z') });
    expect(late.data.voucher?.unusableReasons).toEqual(['expired']);
  });

  it('is refused, with the reasons, when receive would quarantine the webhook', async () => {
    await expect(readRecord('events/code-missing.json')).rejects.toThrow(InvalidWebhookError);
    await expect(readRecord('events/mapping-designer-mail.json')).rejects.toThrow(
      /would be quarantined\. .*No mapping of this name/,
    );
  });
});
