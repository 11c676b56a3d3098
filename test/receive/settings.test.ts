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
    ['empty', { SENDER_REGION: '', SENDER_IP_CHECK: '', CURRENCY: '' }],
  ])('have defaults for settings that are %s', (_case, env) => {
    expect(readConfig(ReceiveSettingsSchema, { ...REQUIRED, ...env })).toEqual({
      ...REQUIRED,
      WEBHOOK_SECRET: null,
      WEBHOOK_SECRET_NAME: null,
      SENDER_REGION: null,
      SENDER_IP_CHECK: 'report',
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
