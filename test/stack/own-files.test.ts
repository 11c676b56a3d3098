import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { readFixtureStack } from '../../lib/local/emulator/fixture-stack.ts';
import { printServerlessConfiguration } from '../../lib/local/emulator/serverless-print.ts';
import { describeStack, type Stack } from '../../lib/local/emulator/stack.ts';
import { copyProject, type ProjectCopy } from '../local/support/project-copy.ts';

const OWN = `import { defineDestinations, http, secretsManager } from 'voucher-relay';
export const destinations = defineDestinations([
  http({
    name: 'klaviyo',
    url: 'https://a.klaviyo.example.test',
    secret: secretsManager('relay/{stage}/klaviyo'),
    limit: { perSecond: 75, perMinute: 700 },
  }),
  http({ name: 'sms', url: 'https://sms.example.test', local: { url: 'http://127.0.0.1:9999' } }),
]);
`;
let copy: ProjectCopy;
beforeAll(async () => {
  copy = await copyProject();
  await writeFile(join(copy.folder, 'functions/destinations.ts'), OWN);
});
afterAll(() => copy.remove());

const listDestinationQueues = (stack: Stack) =>
  stack.queues.map(({ name }) => name).filter((name) => name.includes('-to-'));

it('the stage local has the queues of the own destinations, which fanOut reads at their pace', async () => {
  const stack = describeStack(await printServerlessConfiguration(copy.folder, 'local'));
  const fanOut = stack.functions.find(({ name }) => name === 'fanOut');
  expect(listDestinationQueues(stack)).toEqual([
    'voucher-relay-local-to-klaviyo',
    'voucher-relay-local-to-sms',
  ]);
  expect(fanOut?.events.sources.slice(1)).toMatchObject([
    { batchSize: 56, batchingWindowSeconds: 1, maximumConcurrency: 2 },
    { batchSize: 10, batchingWindowSeconds: 0, maximumConcurrency: 10 },
  ]);
  expect(fanOut?.environment).toMatchObject({
    DESTINATION_QUEUES_URL: 'http://127.0.0.1/000000000000/voucher-relay-local-to-',
    KLAVIYO_URL: 'http://127.0.0.1/mock/klaviyo',
    KLAVIYO_SECRET: expect.stringMatching(/^inline:/) as unknown,
    SMS_URL: 'http://127.0.0.1:9999',
  });
});

it('demo and tests have those of events/, whatever the own ones are', async () => {
  const stack = await readFixtureStack(copy.folder);
  expect(listDestinationQueues(stack)).toEqual([
    'voucher-relay-local-to-consumers',
    'voucher-relay-local-to-http',
  ]);
  expect(stack.bundling['alias']).toMatchObject({
    '#destinations': './events/fixture-destinations.ts',
    '#mappings': './events/fixture-mappings.ts',
  });
});

it('a faulty declaration is reported in the words of osls, and an empty stage file by its name', async () => {
  const broken = await copyProject();
  onTestFinished(() => broken.remove());
  await writeFile(
    join(broken.folder, 'functions/destinations.ts'),
    OWN.replace("name: 'sms'", "name: 'klaviyo'"),
  );
  await expect(printServerlessConfiguration(broken.folder, 'local')).rejects.toThrow(
    /^serverless\.yml cannot be resolved for the stage local:\nThe destinations are invalid:[^]*klaviyo/,
  );
  await writeFile(join(broken.folder, 'stages/prod.yml'), '# nothing yet\n');
  await expect(printServerlessConfiguration(broken.folder, 'local')).rejects.toThrow(
    'stages/prod.yml is missing or has no setting. Write one into it, or {}.',
  );
});
