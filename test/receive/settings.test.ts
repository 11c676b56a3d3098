import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lib/platform/config.ts';
import { ReceiveSettingsSchema, webhookSecretReader } from '../../lib/receive/settings.ts';

const REQUIRED = {
  RECORDS_QUEUE_URL: 'https://sqs.example.test/1/records',
  QUARANTINE_QUEUE_URL: 'https://sqs.example.test/1/quarantine',
};

describe('the settings of receive', () => {
  it.each([
    ['left out', {}],
    ['empty', { WEBHOOK_SECRET_STORE: '', SENDER_REGION: '', SENDER_ADDRESSES: '', CURRENCY: '' }],
  ])('have defaults for what is %s', (_case, env) => {
    expect(readConfig(ReceiveSettingsSchema, { ...REQUIRED, ...env })).toEqual({
      ...REQUIRED,
      WEBHOOK_SECRET: null,
      WEBHOOK_SECRET_NAME: null,
      WEBHOOK_SECRET_STORE: 'secrets-manager',
      SENDER_REGION: null,
      SENDER_ADDRESSES: 'count',
      CURRENCY: null,
    });
  });

  it('name every choice that does not exist', () => {
    const wrong = { WEBHOOK_SECRET_STORE: 'vault', SENDER_REGION: 'eu2', SENDER_ADDRESSES: 'on' };
    const read = () => readConfig(ReceiveSettingsSchema, { ...REQUIRED, ...wrong });
    expect(read).toThrow(
      /3 faults[^]*WEBHOOK_SECRET_STORE is neither[^]*SENDER_REGION is none of[^]*SENDER_ADDRESSES is neither/,
    );
    expect(read).not.toThrow(/vault|eu2/);
  });

  it.each([
    ['the secret itself', 'shh', null, 'shh'],
    ['the secret itself, although a name is there', 'shh', 'relay/webhook', 'shh'],
    ['nothing, when there is neither', null, null, ''],
  ])('give %s', async (_case, WEBHOOK_SECRET, WEBHOOK_SECRET_NAME, secret) => {
    const read = webhookSecretReader({
      WEBHOOK_SECRET,
      WEBHOOK_SECRET_NAME,
      WEBHOOK_SECRET_STORE: 'secrets-manager',
    });
    expect(await read()).toBe(secret);
  });
});
