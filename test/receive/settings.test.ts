import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lib/platform/config.ts';
import { ReceiveSettingsSchema, createSecretSource } from '../../lib/receive/settings.ts';

const REQUIRED = {
  RECORDS_QUEUE_URL: 'https://sqs.example.test/1/records',
  QUARANTINE_QUEUE_URL: 'https://sqs.example.test/1/quarantine',
};

describe('the settings of receive', () => {
  it.each([
    ['not set', {}],
    [
      'empty',
      {
        SENDER_REGION: '',
        SENDER_IP_CHECK: '',
        SENDER_ADDRESSES: '',
        TRUSTED_PROXIES: '',
        CURRENCY: '',
      },
    ],
  ])('have defaults for settings that are %s', (_case, env) => {
    expect(readConfig(ReceiveSettingsSchema, { ...REQUIRED, ...env })).toEqual({
      ...REQUIRED,
      WEBHOOK_SECRET: null,
      WEBHOOK_SECRET_NAME: null,
      SENDER_REGION: null,
      SENDER_IP_CHECK: 'report',
      SENDER_ADDRESSES: [],
      TRUSTED_PROXIES: [],
      CURRENCY: null,
      MAX_WEBHOOK_AGE_DAYS: 15,
    });
  });

  it.each([
    ['1', 1],
    ['15', 15],
    ['', 15],
    ['off', null],
  ])('read the age of a late repeat %j as %j', (text, days) => {
    const env = { ...REQUIRED, MAX_WEBHOOK_AGE_DAYS: text };
    expect(readConfig(ReceiveSettingsSchema, env).MAX_WEBHOOK_AGE_DAYS).toBe(days);
  });

  it.each(['0', '16', '1.5', '-1', '015', 'no', ' 7'])('reject the age %j', (text) => {
    const env = { ...REQUIRED, MAX_WEBHOOK_AGE_DAYS: text };
    expect(() => readConfig(ReceiveSettingsSchema, env)).toThrow(/MAX_WEBHOOK_AGE_DAYS is neither/);
  });

  it('are rejected with the name of each setting that has an unknown value', () => {
    const wrong = { SENDER_REGION: 'eu2', SENDER_IP_CHECK: 'on' };
    const read = () => readConfig(ReceiveSettingsSchema, { ...REQUIRED, ...wrong });
    expect(read).toThrow(/2 faults[^]*SENDER_REGION is none of[^]*SENDER_IP_CHECK is neither/);
    expect(read).not.toThrow(/eu2/);
  });

  it.each([
    ['its region', { SENDER_REGION: 'eu1' }],
    ['addresses of its own', { SENDER_ADDRESSES: '198.51.100.7' }],
  ])('enforce the sender check only with %s', (_case, env) => {
    const enforced = { ...REQUIRED, SENDER_IP_CHECK: 'enforce' };
    expect(() => readConfig(ReceiveSettingsSchema, enforced)).toThrow(
      'SENDER_IP_CHECK is enforce, but SENDER_REGION and SENDER_ADDRESSES are empty',
    );
    expect(readConfig(ReceiveSettingsSchema, { ...enforced, ...env })).toMatchObject({
      SENDER_IP_CHECK: 'enforce',
    });
  });

  it('list the entries that are no addresses, and show none', () => {
    const wrong = { SENDER_ADDRESSES: '198.51.100.7, enforce', TRUSTED_PROXIES: '0.0.0.0/0 1.2.3' };
    const read = () => readConfig(ReceiveSettingsSchema, { ...REQUIRED, ...wrong });
    expect(read).toThrow(
      /3 faults[^]*SENDER_ADDRESSES has an entry that is neither .*: entry 2\n[^]*TRUSTED_PROXIES has a range wider than \/8: entry 1\n[^]*TRUSTED_PROXIES .*: entry 2/,
    );
    expect(read).not.toThrow(/1\.2\.3/);
  });

  it.each(['eur', 'EURO', '978', '€'])('are rejected with the currency %j', (CURRENCY) => {
    const read = () => readConfig(ReceiveSettingsSchema, { ...REQUIRED, CURRENCY });
    expect(read).toThrow('CURRENCY is not a currency of three capital letters');
  });

  it('are rejected when the secret itself is malformed, without a word of it', () => {
    const read = () =>
      readConfig(ReceiveSettingsSchema, { ...REQUIRED, WEBHOOK_SECRET: '"quoted-key"' });
    expect(read).toThrow('WEBHOOK_SECRET is malformed: line 1 has quotes');
    expect(read).not.toThrow(/quoted-key/);
  });

  it.each([
    ['its value', 'invented-key', null, 'invented-key'],
    ['its value, although a name is set too', 'invented-key', 'relay/webhook', 'invented-key'],
    ['an empty text, when neither is set', null, null, ''],
  ])('give the secret as %s', async (_case, WEBHOOK_SECRET, WEBHOOK_SECRET_NAME, secret) => {
    const failIfOpened = () => {
      throw new Error('The store is not needed');
    };
    const read = createSecretSource({ WEBHOOK_SECRET, WEBHOOK_SECRET_NAME }, failIfOpened);
    expect(await read()).toBe(secret);
  });

  it('give the secret with the configured name, from the store', async () => {
    const settings = { WEBHOOK_SECRET: null, WEBHOOK_SECRET_NAME: 'relay/webhook' };
    const read = createSecretSource(settings, () => async (name) => `the text of ${name}`);
    expect(await read()).toBe('the text of relay/webhook');
  });
});
