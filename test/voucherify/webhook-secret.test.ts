import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { WebhookSecretSchema } from '../../lib/voucherify/webhook-secret.ts';

/** The keys of a secret, or what is wrong with it. */
function parse(text: string): { keys: readonly string[] } | { issues: readonly string[] } {
  const result = v.safeParse(WebhookSecretSchema, text);
  return result.success
    ? { keys: result.output }
    : { issues: result.issues.map(({ message }) => message) };
}

const KEY = 'k3y-Invented_0123456789';
const OLD = 'b2xkLWludmVudGVkLWtleQ==';

/** A plausible key: hex, base64 in both alphabets, with its padding, or words with punctuation. */
const aKey = fc.oneof(
  fc.uint8Array({ minLength: 8, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  fc
    .uint8Array({ minLength: 8, maxLength: 64 })
    .map((bytes) => Buffer.from(bytes).toString('base64')),
  fc
    .uint8Array({ minLength: 8, maxLength: 64 })
    .map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_+/.!~-]{7,60}$/),
);

/** Makes a malformed line of a key. */
const SPOILERS: readonly ((key: string) => string)[] = [
  (key) => `"${key}"`,
  (key) => `'${key}'`,
  (key) => `\u201c${key}\u201d`,
  (key) => `"${key}",`,
  (key) => `["${key}"]`,
  (key) => `{"a":"${key}","b":"${key}"}`,
  (key) => `{"a":{"b":"${key}"}}`,
  (key) => `# ${key}`,
  (key) => `#${key}`,
  (key) => `// ${key}`,
  (key) => `VOUCHERIFY_SECRET=${key}`,
  (key) => `export SECRET=${key}`,
  (key) => `secret = ${key}`,
  (key) => `secret: ${key}`,
  (key) => `secret:${key}`,
  (key) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${key}`,
  (key) => `{{${key}}}`,
  (key) => `***${key}`,
  (key) => `${key.slice(0, 4)}****`,
  (key) => `<${key}>`,
  (key) => `${key}\u200b`,
  (key) => `\u2060${key}`,
  (key) => `${key.slice(0, 4)}\u00a0${key.slice(4)}`,
  (key) => `${key.slice(0, 4)} ${key.slice(4)}`,
  (key) => `${key.slice(0, 4)}\t${key.slice(4)}`,
  (key) => `${key.slice(0, 4)}\u0000${key.slice(4)}`,
  (key) => `${key.slice(0, 4)}\u001b${key.slice(4)}`,
  (key) => key.slice(0, 7),
];

describe('the webhook secret', () => {
  it('is one key a line, each once, without the white space around it', () => {
    expect(parse(`\ufeff\r\n  ${KEY} \r\n\n${OLD}\n${KEY}\n`)).toEqual({ keys: [KEY, OLD] });
  });

  it('has no keys when it is empty', () => {
    for (const text of ['', ' \n\t\r\n']) expect(parse(text)).toEqual({ keys: [] });
  });

  it('can hold any plausible keys', () => {
    fc.assert(
      fc.property(fc.uniqueArray(aKey, { minLength: 1, maxLength: 3 }), (keys) => {
        expect(parse(keys.join('\n'))).toEqual({ keys });
      }),
    );
  });

  it.each([
    ['one line', JSON.stringify({ webhook: KEY })],
    ['pretty-printed', JSON.stringify({ webhook: KEY }, null, 2)],
    ['with a key that needs escapes', JSON.stringify({ 'a "b" \\ {c}': KEY }, null, '\t')],
    ['with the key __proto__', `{"__proto__":"${KEY}"}`],
    ['with white space around it', `\ufeff\n { "webhook" : "${KEY}" }\n`],
  ])('is the text of a JSON object that has no other value: %s', (_case, text) => {
    expect(parse(text)).toEqual({ keys: [KEY] });
  });

  it('is a JSON object with two lines during a rotation', () => {
    expect(parse(JSON.stringify({ webhook: `${KEY}\n${OLD}` }))).toEqual({ keys: [KEY, OLD] });
  });

  it.each([
    ['{', 'line 1 has brackets, as in JSON or a placeholder'],
    [`"${KEY}"`, 'line 1 has quotes'],
    [`#${KEY}`, 'line 1 is a comment'],
    [`SECRET=${KEY}`, 'line 1 is NAME=value and not the key alone'],
    ['VOUCHERIFY_WEBHOOK_SECRET=', 'line 1 is NAME=value and not the key alone'],
    [`secret:${KEY}`, 'line 1 is "name: value", an address or an ARN, and not the key alone'],
    ['$WEBHOOK_KEY', 'line 1 is the name of a variable and not its value'],
    ['%WEBHOOK_KEY%', 'line 1 is the name of a variable and not its value'],
    ['********', 'line 1 is a mask of the key and not the key'],
    ['two words', 'line 1 has a blank inside'],
    ['undefined', 'line 1 is what a program writes for a missing value'],
    ['1234567', 'line 1 is shorter than 8 characters'],
    [`${KEY}\u200b`, 'line 1 has a control, invisible, curly or other character that is not ASCII'],
    [`${KEY}\n\n'${OLD}'`, 'line 3 has quotes'],
    [JSON.stringify({ key: 'short' }), 'line 1 is shorter than 8 characters'],
  ])('is malformed when it is %j', (text, issue) => {
    expect(parse(text)).toEqual({ issues: [issue] });
  });

  it('is malformed as a whole when one line is, whichever it is, and quotes nothing of it', () => {
    const spoiled = fc
      .tuple(aKey, fc.constantFrom(...SPOILERS))
      .map(([key, spoil]) => ({ key, line: spoil(key) }));
    fc.assert(
      fc.property(fc.array(aKey, { maxLength: 3 }), spoiled, fc.nat(3), (keys, bad, at) => {
        const lines = keys.toSpliced(at, 0, bad.line);
        const result = parse(lines.join('\n'));
        const line = lines.indexOf(bad.line) + 1;
        expect(result).toEqual({ issues: [expect.stringMatching(new RegExp(`^line ${line} `))] });
        expect(JSON.stringify(result)).not.toContain(bad.key.slice(0, 7));
      }),
    );
  });

  it('has no key that is a line of pretty-printed JSON, whatever the JSON is', () => {
    const several = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 2, maxKeys: 4 });
    fc.assert(
      fc.property(fc.oneof(several, fc.array(fc.jsonValue())), fc.nat(4), (value, indent) => {
        expect(parse(JSON.stringify(value, null, indent))).toHaveProperty('issues');
      }),
    );
  });

  it('is read in a time that grows with its length, not with its square', () => {
    const startedAt = performance.now();
    for (const text of [
      `{"a":"${'\\"'.repeat(100_000)}`,
      `a${' '.repeat(200_000)}b`,
      '='.repeat(200_000),
    ]) {
      parse(text);
    }
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
