import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { destinations as declarations } from '../../events/fixture-destinations.ts';
import { createDestinations } from '../../lib/destinations/create-destinations.ts';
import type { Runtime } from '../../lib/destinations/declaration.ts';
import { checkDestinations } from '../../lib/destinations/validate-destinations.ts';
import { createSqsClient } from '../../lib/platform/sqs.ts';
import { aRecord } from '../support/a-record.ts';

const create = (environment: Runtime['environment']) =>
  createDestinations(declarations, { environment, sqs: createSqsClient() });
const CONSUMERS_QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/000000000000/consumers';

describe('the shipped destinations', () => {
  it.each([
    ['', ['consumers']],
    ['https://example.test/hook', ['consumers', 'http']],
  ])(
    'are the consumers queue and, when its URL is set, an HTTP endpoint: %s',
    (HTTP_URL, names) => {
      const destinations = create({ CONSUMERS_QUEUE_URL, HTTP_URL });
      expect(destinations.map(({ name }) => name)).toEqual(names);
      expect(destinations.map(({ fault }) => fault)).toEqual(names.map(() => undefined));
      expect(() => checkDestinations(declarations)).not.toThrow();
    },
  );

  it('accept every record, and no test webhooks', () => {
    for (const { accepts, acceptsTestEvents } of declarations) {
      expect(accepts(aRecord({ data: { purpose: 'activity' } }))).toBe(true);
      expect(acceptsTestEvents).toBe(false);
    }
  });
});

/** The files of the project that a bundle contains, and the AWS clients in it. */
async function bundle(contents: string) {
  const { metafile } = await build({
    stdin: { contents, resolveDir: 'functions', loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    alias: { '#destinations': './events/fixture-destinations.ts' },
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  // the door leads to the clients of all kinds; the bundler leaves out what nothing imports
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const clients = files.flatMap((file) => /@aws-sdk\/(client-[a-z-]+)\//.exec(file)?.[1] ?? []);
  return { files, clients: [...new Set(clients)].sort() };
}

describe('the deployed function', () => {
  it('contains the AWS clients of the kinds that are in use, and nothing local', async () => {
    const { files, clients } = await bundle(`export { handler } from './fan-out.ts'`);
    expect(clients).toEqual(['client-dynamodb', 'client-secrets-manager', 'client-sqs']);
    expect(files.filter((file) => file.startsWith('lib/local/'))).toEqual([]);
  });

  it.each([
    [`sqs({ name: 'a', queue: resource('Q') })`, ['client-sqs']],
    [`sns({ name: 'a', topic: resource('T') })`, ['client-sns']],
    [`eventbridge({ name: 'a', bus: resource('B') })`, ['client-eventbridge']],
    [`http({ name: 'a', url: stageParameter('aUrl') })`, []],
    [`http({ name: 'a', url: 'x', secret: secretsManager('a') })`, ['client-secrets-manager']],
    [`http({ name: 'a', url: 'x', secret: parameterStore('/a') })`, ['client-ssm']],
  ])(
    'gets of one destination what it needs, and no other client: %s',
    async (expression, expected) => {
      const imported = expression.match(/\b[a-zA-Z]+(?=\()/g)?.join(', ');
      const { clients } = await bundle(
        `import { ${imported} } from 'voucher-relay'; export const one = ${expression};`,
      );
      expect(clients).toEqual(expected);
    },
  );

  it.each([
    [`klaviyo({ secret, properties: () => ({}) })`, ['klaviyo', 'options']],
    [`klaviyoBulk({ secret, properties: () => ({}) })`, ['klaviyo', 'klaviyo-bulk', 'options']],
    [`http({ name: 'a', url: 'x', secret })`, []],
  ])('gets no ready-made destination but the one in use: %s', async (expression, expected) => {
    const imported = expression.slice(0, expression.indexOf('('));
    const { files } = await bundle(
      `import { ${imported}, secretsManager } from 'voucher-relay';
       const secret = secretsManager('a');
       export const one = ${expression};`,
    );
    const readyMade = files.flatMap((file) => /\/ready-made\/([a-z-]+)\.ts$/.exec(file)?.[1] ?? []);
    expect(readyMade.sort()).toEqual(expected);
  });
});
