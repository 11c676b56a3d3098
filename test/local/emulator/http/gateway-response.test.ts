import { expect, test } from 'vitest';
import { toWireResponse } from '../../../../lib/local/emulator/http/gateway-response.ts';

const json = { 'content-type': 'application/json' };
const respond = (payload: unknown) => {
  const { status, headers, body } = toWireResponse({ kind: 'returned', payload });
  return { status, headers, body: body.toString() };
};

test.each([
  ['a response', { statusCode: 202, body: 'taken' }, { status: 202, headers: json, body: 'taken' }],
  ['a response without a body', { statusCode: 204 }, { status: 204, headers: json, body: '' }],
  [
    'headers of all types, in upper or lower case',
    { statusCode: 200, headers: { 'Content-Type': 'text/plain', 'X-Count': 3, 'x-flag': true } },
    {
      status: 200,
      headers: { 'content-type': 'text/plain', 'x-count': '3', 'x-flag': 'true' },
      body: '',
    },
  ],
  [
    'cookies',
    { statusCode: 200, cookies: ['a=1', 'b=2'] },
    { status: 200, headers: { ...json, 'set-cookie': ['a=1', 'b=2'] }, body: '' },
  ],
  [
    'a body in base64',
    { statusCode: 200, body: 'dGFrZW4=', isBase64Encoded: true },
    { status: 200, headers: json, body: 'taken' },
  ],
  ['an object without a status', { a: 1 }, { status: 200, headers: json, body: '{"a":1}' }],
  ['a text', 'taken', { status: 200, headers: json, body: 'taken' }],
])('%s', (_case, payload, expected) => {
  expect(respond(payload)).toEqual(expected);
});

const failure = { status: 500, headers: json, body: '{"message":"Internal Server Error"}' };

test.each([
  ['a statusCode that is not a number', { statusCode: 'ok' }],
  ['a statusCode out of range', { statusCode: 99 }],
  ['a body that is not a text', { statusCode: 200, body: { a: 1 } }],
])('%s results in a 500', (_case, payload) => {
  expect(respond(payload)).toEqual(failure);
});

test('a failed invocation results in a 500 without details', () => {
  const { status, body } = toWireResponse({ kind: 'crashed', reason: 'inside' });
  expect([status, body.toString()]).toEqual([500, failure.body]);
});
