import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lib/platform/config.ts';
import { ReceiveSettingsSchema, createSecretSource } from '../../lib/receive/settings.ts';

const REQUIRED = {
  RECORDS_QUEUE_URL: 'https://sqs.example.test/1/records',
  QUARANTINE_QUEUE_URL: 'https://sqs.example.test/1/quarantine',
};

describe('the settings of receive', () => {
  it.each([
    ['left out', {}],
    ['empty', { SENDER_REGION: '', SENDER_IP_CHECK: '', CURRENCY: '' }],
  ])('have defaults for what is %s', (_case, env) => {
    expect(readConfig(ReceiveSettingsSchema, { ...REQUIRED, ...env })).toEqual({
      ...REQUIRED,
      WEBHOOK_SECRET: null,
      WEBHOOK_SECRET_NAME: null,
      SENDER_REGION: null,
      SENDER_IP_CHECK: 'report',
      CURRENCY: null,
    });
  });

  it('name every choice that does not exist', () => {
    const wrong = { SENDER_REGION: 'eu2', SENDER_IP_CHECK: 'on' };
    const read = () => readConfig(ReceiveSettingsSchema, { ...REQUIRED, ...wrong });
    expect(read).toThrow(/2 faults[^]*SENDER_REGION is none of[^]*SENDER_IP_CHECK is neither/);
    expect(read).not.toThrow(/eu2/);
  });

  it.each([
    ['the secret itself', 'shh', null, 'shh'],
    ['the secret itself, although a name is there', 'shh', 'relay/webhook', 'shh'],
    ['nothing, when there is neither', null, null, ''],
  ])('give %s', async (_case, WEBHOOK_SECRET, WEBHOOK_SECRET_NAME, secret) => {
    const failIfOpened = () => {
      throw new Error('The store is not needed');
    };
    const read = createSecretSource({ WEBHOOK_SECRET, WEBHOOK_SECRET_NAME }, failIfOpened);
    expect(await read()).toBe(secret);
  });

  it('give the secret of that name in the store', async () => {
    const settings = { WEBHOOK_SECRET: null, WEBHOOK_SECRET_NAME: 'relay/webhook' };
    const read = createSecretSource(settings, () => async (name) => `the text of ${name}`);
    expect(await read()).toBe('the text of relay/webhook');
  });
});
