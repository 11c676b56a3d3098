import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { createDestinations } from '../../events/fixture-destinations.ts';
import { checkDestinations } from '../../lib/destinations/validate-destinations.ts';
import { aRecord } from '../support/a-record.ts';

const settings = {
  CONSUMERS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/consumers',
  HTTP_DESTINATION_URL: null,
  HTTP_DESTINATION_SECRET: null,
};

describe('the shipped destinations', () => {
  it.each([
    [null, ['consumers']],
    ['https://example.test/hook', ['consumers', 'http']],
  ])('are the consumers queue and, when its URL is set, an HTTP endpoint: %s', (url, names) => {
    const destinations = createDestinations({ ...settings, HTTP_DESTINATION_URL: url });
    expect(destinations.map(({ name }) => name)).toEqual(names);
    expect(() => checkDestinations(destinations)).not.toThrow();
  });

  it('accept every record, and no test webhooks', () => {
    const destinations = createDestinations({
      ...settings,
      HTTP_DESTINATION_URL: 'https://example.test/hook',
    });
    for (const { accepts, acceptsTestEvents } of destinations) {
      expect(accepts(aRecord({ data: { purpose: 'activity' } }))).toBe(true);
      expect(acceptsTestEvents).toBe(false);
    }
  });
});

describe('the deployed function', () => {
  it('contains the AWS clients of the kinds that are in use, and nothing local', async () => {
    const { metafile } = await build({
      entryPoints: ['functions/fan-out.ts'],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      mainFields: ['module', 'main'],
      conditions: ['fixture', 'module'],
      metafile: true,
      write: false,
      logLevel: 'silent',
    });
    // the door leads to the clients of all kinds; the bundler leaves out what nothing imports
    const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    const clients = files.flatMap((file) => /@aws-sdk\/(client-[a-z-]+)\//.exec(file)?.[1] ?? []);
    expect(new Set(clients)).toEqual(
      new Set(['client-sqs', 'client-dynamodb', 'client-secrets-manager']),
    );
    expect(files.filter((file) => file.startsWith('lib/local/'))).toEqual([]);
  });
});
