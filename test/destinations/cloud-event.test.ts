import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCloudEventRequest, withoutUnmapped } from '../../lib/destinations/cloud-event.ts';
import { aRecord } from '../support/a-record.ts';

/** Parses a request with the official CloudEvents SDK, as a receiver would. */
function parseWithSdk({
  headers = {},
  body,
}: ReturnType<typeof toCloudEventRequest>): CloudEvent<unknown> {
  const type = body?.type ?? '';
  const event = HTTP.toEvent({ headers: { ...headers, 'content-type': type }, body: body?.text });
  if (!(event instanceof CloudEvent)) throw new Error('several events');
  event.validate();
  return event;
}

describe('the request that delivers a record', () => {
  it('is the whole event as application/json by default, which every framework parses', () => {
    const { headers, body } = toCloudEventRequest(aRecord(), 'json');
    expect([headers, body?.type]).toEqual([undefined, 'application/json']);
    expect(JSON.parse(body?.text ?? '')).toEqual(aRecord());
  });

  it.each(['structured', 'binary'] as const)('is a CloudEvent to its SDK in %s mode', (mode) => {
    const record = aRecord({ source: '/voucherify/proj_q1/distr_w4' });
    const { id, source, type, subject, time, dataschema, data, datacontenttype } = parseWithSdk(
      toCloudEventRequest(record, mode),
    );
    expect({ id, source, type, subject, time, dataschema, data, datacontenttype }).toEqual({
      id: record.id,
      source: record.source,
      type: record.type,
      subject: record.subject,
      time: record.time,
      dataschema: record.dataschema,
      data: record.data,
      datacontenttype: 'application/json',
    });
  });

  it('has the content type of its mode', () => {
    const types = (['json', 'structured', 'binary'] as const).map(
      (mode) => toCloudEventRequest(aRecord(), mode).body?.type,
    );
    expect(types).toEqual(['application/json', 'application/cloudevents+json', 'application/json']);
  });

  it('has the data as its body and no ce- header for it in binary mode', () => {
    const { headers = {}, body } = toCloudEventRequest(withoutUnmapped(aRecord()), 'binary');
    const { unmapped: _unmapped, ...data } = aRecord().data;
    expect(JSON.parse(body?.text ?? '')).toEqual(data);
    expect(Object.keys(headers).sort()).toEqual([
      'ce-dataschema',
      'ce-id',
      'ce-source',
      'ce-specversion',
      'ce-subject',
      'ce-time',
      'ce-type',
    ]);
  });

  it.each([
    ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
    ['"50%"', '%2250%25%22'],
    ["it's/fine?~!#$&", "it's/fine?~!#$&"],
    ['a\r\nb\t\u0000\u007f', 'a%0D%0Ab%09%00%7F'],
    ['Zo\ud83d', 'Zo%EF%BF%BD'],
  ])('has the attribute %j as %j in a header', (subject, value) => {
    const { headers } = toCloudEventRequest(aRecord({ subject }), 'binary');
    expect(headers?.['ce-subject']).toBe(value);
  });

  it('has only printable ASCII in its headers, which decodes to the attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (subject) => {
        const { headers } = toCloudEventRequest(aRecord({ subject }), 'binary');
        const value = headers?.['ce-subject'] ?? '';
        expect(value).toMatch(/^[!-~]+$/);
        expect(decodeURIComponent(value)).toBe(subject.toWellFormed());
      }),
    );
  });
});
