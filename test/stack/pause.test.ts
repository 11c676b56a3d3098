import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listPaused } from '../../lib/deliveries/paused-destinations.ts';
import { toDeliveryKey } from '../../lib/deliveries/row.ts';
import {
  disableMappings,
  type PausableStage,
  type PauseDeps,
  pauseDestination,
  readPaused,
  removePausesOfRemoved,
  restorePauses,
  resumeDestination,
} from '../../lib/stack/pause.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { packageDestinations, type Template } from '../support/packaged-stack.ts';
import { type FakeLambda, startFakeLambda } from './support/fake-lambda.ts';

const NOW = new Date('2026-11-27T04:00:00.000Z');
const DAY_SECONDS = 86_400;
const STAGE: PausableStage = {
  name: 'prod',
  region: 'eu-west-1',
  functionName: 'relay-prod-fanOut',
  tableName: 'deliveries',
  planned: ['klaviyo', 'crm'].map((id) => ({
    name: id,
    id,
    queueId: `To${id[0]?.toUpperCase()}${id.slice(1)}Queue`,
    queueName: `relay-prod-to-${id}`,
  })),
  declaredNames: ['klaviyo', 'crm', 'elsewhere'],
};

let aws: Aws;
let lambda: FakeLambda;
let deps: PauseDeps;
let printed: string[] = [];
let close: () => void;
let elapsedMs = 0;

beforeAll(async () => {
  aws = await startAws();
  await aws.createTable(STAGE.tableName);
  for (const { queueName } of STAGE.planned) await aws.createQueue(queueName);
  lambda = await startFakeLambda(STAGE.functionName, [
    'relay-prod-records',
    ...STAGE.planned.map(({ queueName }) => queueName),
  ]);
  const settings = { ...LOCAL_CLIENT, endpoint: lambda.endpoint, maxAttempts: 1 };
  const clients = {
    lambda: new LambdaClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    sqs: aws.sqs,
    dynamo: aws.dynamo,
  };
  close = () => {
    clients.lambda.destroy();
    clients.cloudWatch.destroy();
  };
  deps = {
    clients,
    print: (line) => printed.push(line),
    now: () => new Date(NOW.getTime() + elapsedMs),
    sleep: async (ms) => {
      elapsedMs += ms;
    },
  };
});
afterAll(async () => {
  close();
  await lambda.stop();
  await aws.stop();
});
beforeEach(async () => {
  Object.assign(lambda, { fail: null, conflicts: 0, oldestAgeSeconds: null });
  for (const name of ['klaviyo', 'crm']) await resumeDestination(deps, STAGE, name);
  printed = [];
  elapsedMs = 0;
});

const pause = (name: string, reason: string | null = null) =>
  pauseDestination(deps, STAGE, { name, reason });
const listStates = () => lambda.mappings.map(({ State }) => State);

describe('pausing a destination', () => {
  it('disables its mapping and no other, waits for that, and stores a row without an end', async () => {
    await pause('klaviyo', 'their maintenance');
    expect(listStates()).toEqual(['Enabled', 'Disabled', 'Enabled']);
    expect(printed.slice(0, 3)).toEqual([
      'The event source mapping of klaviyo is Disabling.',
      'The event source mapping of klaviyo is Disabled.',
      'klaviyo is paused since 2026-11-27T04:00:00.000Z (their maintenance). What arrives for it waits in its queue.',
    ]);
    expect(printed.at(-1)).toBe(
      'Deploys keep the pause. To end it: npx sls relay resume --destination klaviyo --stage prod --region eu-west-1',
    );
    expect(await aws.scan(STAGE.tableName)).toEqual([
      {
        id: { S: 'paused#destinations' },
        destination: { S: 'klaviyo' },
        pausedAt: { S: NOW.toISOString() },
        reason: { S: 'their maintenance' },
      },
    ]);
  });

  it('a second time keeps the time and the reason', async () => {
    await pause('klaviyo', 'their maintenance');
    elapsedMs = 60_000;
    await pause('klaviyo');
    expect(await listPaused(aws.dynamo, STAGE.tableName)).toEqual([
      { id: 'klaviyo', pausedAt: NOW.toISOString(), reason: 'their maintenance' },
    ]);
  });

  it('says what waits, how old it is, and when SQS deletes it', async () => {
    const QueueUrl = `${aws.sqsEndpoint}/000000000000/relay-prod-to-crm`;
    await pause('crm');
    expect(printed).toContain('Its queue relay-prod-to-crm is empty.');
    await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await pause('crm');
    lambda.oldestAgeSeconds = 3 * DAY_SECONDS;
    await pause('crm');
    expect(printed.filter((line) => line.includes('1 message'))).toEqual([
      'Its queue relay-prod-to-crm has 1 message (1 ready). The age of the oldest one is not known: SQS deletes each 14 days after it was put on the queue.',
      'Its queue relay-prod-to-crm has 1 message (1 ready). The oldest one is 3.0 days old: SQS deletes it in 11.0 days.',
    ]);
  });

  it('waits for another change of the mapping, and not for ever', async () => {
    lambda.conflicts = 2;
    await pause('klaviyo');
    expect(listStates()[1]).toBe('Disabled');
    lambda.conflicts = 1_000;
    await expect(pause('klaviyo')).rejects.toThrow(/5 minutes[^]*run the command again/);
  });
});

it('resuming enables the mapping and removes the row', async () => {
  await pause('klaviyo');
  await resumeDestination(deps, STAGE, 'klaviyo');
  expect(listStates()).toEqual(['Enabled', 'Enabled', 'Enabled']);
  expect(await listPaused(aws.dynamo, STAGE.tableName)).toEqual([]);
});

it('no record has the key of a pause', () => {
  const data = { receivedAt: NOW.toISOString(), test: false };
  expect(toDeliveryKey({ id: 'paused#destinations', data }, 'crm').id).toMatch(/^[0-9a-f]{64}$/);
});

describe('a destination that cannot be paused', () => {
  it.each([
    ['klavyio', "declares no destination 'klavyio': did you mean klaviyo?"],
    ['something', 'choose one of klaviyo, crm'],
    ['elsewhere', 'does not exist in the stage prod, because its address is empty there'],
  ])('%s is refused with the fix', async (name, message) => {
    await expect(pause(name)).rejects.toThrow(message);
  });

  it('of a stack that is not deployed names what is missing', async () => {
    const stage = { ...STAGE, functionName: 'relay-dev-fanOut' };
    await expect(pauseDestination(deps, stage, { name: 'crm', reason: null })).rejects.toThrow(
      /is not deployed to the stage prod in eu-west-1: the function relay-dev-fanOut/,
    );
  });

  it('without rights is told which permissions it takes, and has no row', async () => {
    lambda.fail = { status: 403, type: 'AccessDeniedException' };
    await expect(pause('crm')).rejects.toThrow(/AWS denies[^]*lambda:UpdateEventSourceMapping/);
    expect(await listPaused(aws.dynamo, STAGE.tableName)).toEqual([]);
  });

  it('whose row cannot be stored says what the next deploy does', async () => {
    const stage = { ...STAGE, tableName: 'missing' };
    await expect(pauseDestination(deps, stage, { name: 'crm', reason: null })).rejects.toThrow(
      /being stopped, but[^]*the next deploy can resume them/,
    );
  });
});

it('what CloudFormation has resumed is paused again, and what it has disabled is named', async () => {
  await pause('klaviyo');
  const [, klaviyo, crm] = lambda.mappings;
  Object.assign(klaviyo ?? {}, { State: 'Enabled' });
  Object.assign(crm ?? {}, { State: 'Disabled' });
  printed = [];
  await restorePauses(deps, STAGE);
  expect(listStates()[1]).toBe('Disabling');
  expect(printed).toEqual([
    expect.stringMatching(
      /^klaviyo is paused since .* was Enabled, and is being disabled again\.$/,
    ),
    expect.stringMatching(
      /^The event source mapping of crm is Disabled, although.*npx sls relay resume --destination crm/,
    ),
  ]);
});

it('the pause of a destination that was removed ends with the deploy that removed it, and no other', async () => {
  await pause('klaviyo');
  await pause('crm');
  printed = [];
  await removePausesOfRemoved(deps, STAGE, new Set(['crm']));
  expect(printed).toEqual(['klaviyo was paused and is removed: its pause is over.']);
  const left = await listPaused(aws.dynamo, STAGE.tableName);
  expect(left.map(({ id }) => id)).toEqual(['crm']);
});

describe('the template of a deploy', () => {
  const packageWithLimit = async (perSecond: number): Promise<Template> => {
    const destination = (name: string): string =>
      `http({ name: '${name}', url: 'https://${name}.example.test', limit: { perSecond: ${perSecond} } })`;
    const { template } = await packageDestinations(
      `import { defineDestinations, http } from 'voucher-relay';
       export const destinations = defineDestinations([${destination('klaviyo')}, ${destination('crm')}]);`,
    );
    return template;
  };
  const deploy = async (template: Template) => {
    const resources = structuredClone(template.Resources);
    const lines = disableMappings(resources, STAGE, await readPaused(deps.clients, STAGE));
    const mapping = (id: string) => resources[`FanOutEventSourceMappingSQS${id}`]?.Properties;
    const enabled = ['RecordsQueue', 'ToKlaviyoQueue', 'ToCrmQueue'].map(
      (id) => mapping(id)?.['Enabled'],
    );
    return { lines, enabled, batchSize: mapping('ToKlaviyoQueue')?.['BatchSize'] };
  };

  it('has a paused destination disabled when its limit changes, and enabled after the end of the pause', async () => {
    const [before, after] = [await packageWithLimit(75), await packageWithLimit(10)];
    const first = await deploy(before);
    expect(first.enabled).toEqual([true, true, true]);

    await pause('klaviyo');
    const second = await deploy(after);
    expect(second.batchSize).not.toBe(first.batchSize);
    expect(second.enabled).toEqual([true, false, true]);
    expect(second.lines).toEqual([
      'klaviyo is paused since 2026-11-27T04:00:00.000Z. This deploy keeps that.',
    ]);

    await resumeDestination(deps, STAGE, 'klaviyo');
    expect((await deploy(after)).enabled).toEqual([true, true, true]);
  }, 120_000);

  it('is refused when the mapping of a paused destination is not in it', async () => {
    await pause('klaviyo');
    const paused = await readPaused(deps.clients, STAGE);
    expect(() => disableMappings({}, STAGE, paused)).toThrow('Package the stage again');
    expect(disableMappings({}, { planned: [] }, paused)).toEqual([]);
  });

  it('of the first deploy has nothing paused, and one that cannot know it is refused', async () => {
    expect(await readPaused(deps.clients, { tableName: 'missing' })).toEqual([]);
    await expect(readPaused(deps.clients, { tableName: '!' })).rejects.toThrow(
      'Deploy with the permission dynamodb:Query',
    );
  });
});
