import { describe, expect, it } from 'vitest';
import { ReconcileError } from '../../lib/reconcile/failure.ts';
import { parseCredentials } from '../../lib/reconcile/credentials.ts';

const KEYS = { applicationId: 'invented-id', secretKey: 'invented-key' };
const MANAGEMENT = { id: 'm', token: 't', projectId: 'proj_q1' };
const parse = (secret: object) => parseCredentials(JSON.stringify(secret));

function faultsOf(text: string): string {
  try {
    parseCredentials(text);
  } catch (error) {
    if (error instanceof ReconcileError) return `${error.report.reason}: ${error.report.detail}`;
  }
  return 'none';
}

describe('the secret with the keys of the API', () => {
  it.each([
    ['eu1', 'https://api.voucherify.io', 'https://download.voucherify.io'],
    ['us1', 'https://us1.api.voucherify.io', 'https://us1.download.voucherify.io'],
    ['as1', 'https://as1.api.voucherify.io', 'https://as1.download.voucherify.io'],
  ])('names a region: %s', (region, apiUrl, downloadUrl) => {
    const expected = { ...KEYS, apiUrl, downloadUrl, management: null };
    expect(parse({ ...KEYS, region })).toEqual(expected);
  });

  it('names the hosts of a dedicated cluster, and keys of the Management API', () => {
    const hosts = { apiUrl: 'https://a.example.test', downloadUrl: 'https://d.example.test' };
    const secret = { ...KEYS, ...hosts, management: MANAGEMENT };
    expect(parse(secret)).toEqual(secret);
  });

  it.each([
    ['not JSON', 'the JSON'],
    ['null', 'the JSON'],
    ['{}', 'applicationId, secretKey'],
    [JSON.stringify({ ...KEYS }), 'region'],
    [JSON.stringify({ ...KEYS, region: 'eu' }), 'region'],
    [JSON.stringify({ ...KEYS, region: 'eu1', apiUrl: 'https://a.example.test' }), 'region'],
    [JSON.stringify({ ...KEYS, apiUrl: 'https://a.example.test' }), 'region'],
    [
      JSON.stringify({ ...KEYS, apiUrl: 'http://a.example.test', downloadUrl: 'https://d.test/x' }),
      'apiUrl, downloadUrl',
    ],
    [JSON.stringify({ ...KEYS, secretKey: 'two words', region: 'eu1' }), 'secretKey'],
    [
      JSON.stringify({ ...KEYS, region: 'eu1', management: { id: 'm' } }),
      'management.token, management.projectId',
    ],
    [JSON.stringify({ ...KEYS, region: 'eu1', 'invented-key': 1 }), 'a key that is not known'],
  ])('is refused by the names of its keys, and not quoted: %s', (text, names) => {
    const faults = faultsOf(text);
    expect(faults).toBe(`credentials_invalid: Not valid: ${names}`);
    expect(faults).not.toMatch(/invented|words|example/);
  });
});
