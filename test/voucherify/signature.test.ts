import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stripJsonWhitespace } from '../../lib/voucherify/json-whitespace.ts';
import { sign, toSigningKey, verifySignature } from '../../lib/voucherify/signature.ts';

const toBytes = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Known signatures with the key `secretKey`: pairs that Voucherify publishes, and computed pairs for hard cases. */
const KNOWN_SIGNATURES = [
  [
    'a compact object',
    '{"a":1}',
    'a17d2ac229d1ebbb5f10e839c7985c4818e5986eab297f7e5979196d4d7d3ed2',
    'raw',
  ],
  [
    'the same object over several lines',
    '{\n  "a": 1\n}',
    'a17d2ac229d1ebbb5f10e839c7985c4818e5986eab297f7e5979196d4d7d3ed2',
    'compact',
  ],
  [
    'an escaped quote in a key',
    '{\n  "a\\"b": 1\n}',
    'f7cf97814a03146abedb9793f56e1dec34f618f82d10395310d053f749483ffb',
    'compact',
  ],
  [
    'plain text with spaces around it',
    '  message  ',
    '53ff92957e1427ce23ad5bda9d0c5f2f4ff384d0806b83eeacb510c842d3a358',
    'raw',
  ],
  ['UTF-8', '{"n":"é"}', '79d7a0eea63ee8900954b7f6169564a7742d53a7f540d66ef5bf54ee14cd9bf5', 'raw'],
  [
    'the same letter escaped',
    '{"n":"\\u00e9"}',
    'bd4dae8b4e43bec4e1a540c10a74cb3dd5bdc997159195c18d916cb262376b77',
    'raw',
  ],
  [
    'a number that parsing would change',
    '{"n":1.0}',
    '763ca98d400cee3c200e21f95044a01e89f2f4468f1411fd511e14cc71562b81',
    'raw',
  ],
  [
    'keys that parsing would reorder',
    '{"2":1,"1":2}',
    '55f1074835205fc775c1cf49c4c4c0d4bf0950c9f3109a86103c7807da4c8dc5',
    'raw',
  ],
  [
    'a duplicate key',
    '{"a":1,"a":2}',
    'a79d063baedd5b7d97a2cdc9205e8fbf08aea3b42c446b6bbd507d4342066a48',
    'raw',
  ],
  [
    'an integer that a double cannot hold',
    '{"n":10000000000000000001}',
    '3c696bf5636cb57a030340c4c0c391ddb2265d27efcb29a8ff13c778e42cf039',
    'raw',
  ],
  [
    'slashes',
    '{"u":"https://x.io"}',
    'd12779a3b22607aab3f5d9093740cdbcc29f6ca05b2caf2e5f53be58ad419834',
    'raw',
  ],
  [
    'spaces inside strings',
    '{\n "t": "a b",\n "u": [1, 2]\n}',
    '2fe5d09e9b06a34a1f0ece29e8ce071f9bb1f62fa957d540bf68c80c41d4c71e',
    'compact',
  ],
] as const;

const KEY = toSigningKey('secretKey');

describe('verifySignature', () => {
  it.each(KNOWN_SIGNATURES)(
    'accepts the known signature of %s',
    (_what, body, signature, variant) => {
      expect(verifySignature(toBytes(body), signature, [KEY])).toEqual({ valid: true, variant });
    },
  );

  it.each([
    [
      'secret-signature-key',
      '{"test":"test1"}',
      '5547d4d07430a2d1b77649564c68d80afe591f7cc61ca110bccb442e3205eeec',
    ],
    [
      'secret_01234567890_secret',
      'Example test message',
      '776247e1a5ed607c7d1ad00d2b0f5760d4a8d5ab680b86acbcea2d3d56e55fa3',
    ],
  ])("agrees with Voucherify's own libraries (key %s)", (secret, body, signature) => {
    expect(verifySignature(toBytes(body), signature, [toSigningKey(secret)]).valid).toBe(true);
  });

  it.each([
    [undefined, 'missing'],
    ['', 'missing'],
    ['   ', 'missing'],
    ['sha256=abc', 'malformed'],
    ['a17d2ac2', 'malformed'],
    ['z'.repeat(64), 'malformed'],
    ['é'.repeat(64), 'malformed'],
    ['0'.repeat(64), 'mismatch'],
  ] as const)('rejects the header %j as %s', (header, reason) => {
    expect(verifySignature(toBytes('{"a":1}'), header, [KEY])).toEqual({ valid: false, reason });
  });

  it('accepts upper-case digits and spaces around them', () => {
    const header = ` ${sign('{"a":1}', 'secretKey').toUpperCase()} `;
    expect(verifySignature(toBytes('{"a":1}'), header, [KEY]).valid).toBe(true);
  });

  it('accepts a header that was sent more than once with one value', () => {
    const signature = sign('{}', 'secretKey');
    const other = sign('{}', 'other');
    const verify = (header: string) => verifySignature(toBytes('{}'), header, [KEY]);
    expect(verify(`${signature},${signature}`).valid).toBe(true);
    expect(verify(`${signature}, ${signature}, ${signature}`).valid).toBe(true);
    for (const header of [`${signature},${other}`, `${other},${signature}`, `${signature},`]) {
      expect(verify(header)).toEqual({ valid: false, reason: 'malformed' });
    }
  });

  it.each(['{"a":1}', '{\n "a": 1\n}'])(
    'accepts a byte order mark before %j, signed with it or without',
    (body) => {
      const marked = toBytes(`\ufeff${body}`);
      for (const signed of [marked, toBytes(body), toBytes('{"a":1}')]) {
        expect(verifySignature(marked, sign(signed, KEY), [KEY]).valid).toBe(true);
      }
    },
  );

  it('accepts either secret during a rotation', () => {
    const keys = [toSigningKey('new'), toSigningKey('old')];
    for (const secret of ['new', 'old']) {
      expect(verifySignature(toBytes('{}'), sign('{}', secret), keys).valid).toBe(true);
    }
    expect(verifySignature(toBytes('{}'), sign('{}', 'older'), keys).valid).toBe(false);
  });

  it('rejects every signature while no secret is configured', () => {
    expect(verifySignature(toBytes('{}'), sign('{}', ''), [])).toEqual({
      valid: false,
      reason: 'mismatch',
    });
  });

  it('accepts any signed bytes, and rejects them after any change', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (body, at) => {
        const signature = sign(body, KEY);
        const changed = Uint8Array.from(body);
        changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ 0x41;
        expect(verifySignature(body, signature, [KEY])).toMatchObject({ valid: true });
        expect(verifySignature(changed, signature, [KEY])).toMatchObject({ valid: false });
      }),
    );
  });

  it('accepts any JSON that was signed in compact form and sent with line breaks', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value: unknown = JSON.parse(json);
        const signature = sign(JSON.stringify(value), KEY);
        expect(
          verifySignature(toBytes(JSON.stringify(value, null, 2)), signature, [KEY]).valid,
        ).toBe(true);
      }),
    );
  });
});

describe('stripJsonWhitespace', () => {
  it('makes an indented document compact', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value: unknown = JSON.parse(json);
        const compact = stripJsonWhitespace(toBytes(JSON.stringify(value, null, '\t')));
        expect(Buffer.from(compact).toString('utf8')).toBe(JSON.stringify(value));
      }),
    );
  });

  it('returns the same array when there is nothing to remove', () => {
    const body = toBytes('{"a b":"c\\" d"}');
    expect(stripJsonWhitespace(body)).toBe(body);
  });
});
