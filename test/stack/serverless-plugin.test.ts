import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import VoucherRelayPlugin from '../../lib/stack/serverless-plugin.ts';
import {
  type CommandResult,
  copyProject,
  type ProjectCopy,
  SLS,
} from '../local/support/project-copy.ts';

const MANY_SECONDS = 120_000;

/** The first JSON object behind a text. */
function parseJsonAfter(text: string, output: string): unknown {
  const from = output.indexOf('{', output.indexOf(text));
  return JSON.parse(output.slice(from, output.indexOf('\n}', from) + 2));
}

describe('with osls', () => {
  let copies: ProjectCopy[] = [];
  let received: CommandResult;
  let delivered: CommandResult;
  let notStarted: CommandResult;
  let deployed: CommandResult;
  let withoutRecipient: CommandResult;

  beforeAll(async () => {
    // each has its own copy: commands in the same folder would share a build folder
    copies = await Promise.all([copyProject(), copyProject(), copyProject()]);
    const [first, second, third] = copies;
    if (first === undefined || second === undefined || third === undefined) return;
    const sample = 'events/code-percent-discount.json';
    const invoke = (copy: ProjectCopy, name: string, file: string, ...more: string[]) =>
      copy.run(SLS, 'invoke', 'local', '-f', name, '-p', file, ...more);
    const chain = async (): Promise<void> => {
      received = await invoke(first, 'receive', sample);
      const record = parseJsonAfter('On the queue voucher-relay-local-records: 1', received.stdout);
      const message = { messageId: 'm-1', receiptHandle: 'r', body: JSON.stringify(record) };
      const batch = { Records: [{ ...message, attributes: {} }] };
      await writeFile(join(first.folder, 'batch.json'), JSON.stringify(batch));
      delivered = await invoke(first, 'fanOut', 'batch.json');
    };
    const others = async (): Promise<void> => {
      notStarted = await invoke(second, 'receive', sample, '--param=recordsQueueUrl=nowhere');
      deployed = await third.run(SLS, 'deploy');
      withoutRecipient = await third.run(SLS, 'package', '--stage', 'prod');
    };
    await Promise.all([chain(), others()]);
  }, MANY_SECONDS);

  afterAll(async () => {
    await Promise.all(copies.map((copy) => copy.remove()));
  });

  test('invoking receive shows the answer and the record that landed on the queue, and ends', () => {
    expect(received.code).toBe(0);
    expect(received.stdout).toContain('"statusCode": 202');
    expect(
      parseJsonAfter('On the queue voucher-relay-local-records: 1', received.stdout),
    ).toMatchObject({
      specversion: '1.0',
      data: { purpose: 'code' },
    });
  });

  test('invoking fanOut shows what every destination got, and ends', () => {
    expect(delivered.code).toBe(0);
    const record = parseJsonAfter('On the queue voucher-relay-local-records: 1', received.stdout);
    expect(
      parseJsonAfter('On the queue voucher-relay-local-consumers: 1', delivered.stdout),
    ).toEqual(record);
    expect(delivered.stdout).toContain('At the mock destination http: POST');
  });

  test('a function that cannot start says why, and the command ends', () => {
    expect(notStarted.code).toBe(1);
    expect(notStarted.stdout + notStarted.stderr).toContain('RECORDS_QUEUE_URL is not a URL');
  });

  test('deploying is refused before anything is built', async () => {
    expect(deployed.code).toBe(1);
    expect(deployed.stdout + deployed.stderr).toMatch(
      /never deployed.*npx sls deploy --stage prod --region eu-west-1/,
    );
    expect(await readdir(copies[2]?.folder ?? '')).not.toContain('.serverless');
  });

  test('a stage whose alarms nobody hears is not packaged', async () => {
    expect(withoutRecipient.code).toBe(1);
    expect(withoutRecipient.stdout + withoutRecipient.stderr).toMatch(
      /no recipient.*--param="alarms=none"/,
    );
    expect(await readdir(copies[2]?.folder ?? '')).not.toContain('.serverless');
  });
});

describe('the plugin', () => {
  const createConfiguration = (stage: string, custom: object) => ({
    service: 'relay',
    provider: { stage, region: 'eu-west-1' },
    functions: { fanOut: { environment: {}, role: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
    resources: {
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: { Policies: [] } },
        Shop: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'shop' } },
      },
    },
    custom: { destinations: {}, ...custom },
  });
  const createPlugin = (configurationInput: object, commands: string[]): VoucherRelayPlugin =>
    new VoucherRelayPlugin(
      {
        serviceDir: '/nowhere',
        configurationInput,
        processedInput: { commands },
        classes: { Error },
      },
      {},
      { writeText: () => {} },
    );
  const createPluginForStage = (
    stage: string,
    commands: string[],
    alarms: object = {},
  ): VoucherRelayPlugin => createPlugin(createConfiguration(stage, { alarms }), commands);

  test.each([
    ['prod', ['deploy', 'function'], { Ref: 'Shop' }],
    ['prod', ['print'], { Ref: 'Shop' }],
    ['prod', ['remove'], { Ref: 'Shop' }],
    ['prod', ['invoke', 'local'], { Ref: 'Shop' }],
    ['local', ['package'], 'http://127.0.0.1/000000000000/shop'],
    ['local', ['print'], 'http://127.0.0.1/000000000000/shop'],
    ['local', ['remove'], 'http://127.0.0.1/000000000000/shop'],
  ])(
    'only hands over destinations in the stage %s for the command %j',
    async (stage, commands, address) => {
      const configuration = createConfiguration(stage, {
        destinations: { SHOP: { queue: 'Shop' } },
      });
      const { hooks } = createPlugin(configuration, commands);
      expect(Object.keys(hooks)).toEqual(['initialize']);
      await hooks['initialize']?.();
      expect(configuration.functions.fanOut.environment).toEqual({ SHOP: address });
    },
  );

  test('says which destinations it cannot follow, all at once', async () => {
    const destinations = { SHOP: { queue: 'Shoppe' }, CARDS: { topic: 'Shop' }, CRM: { bus: 'x' } };
    const { hooks } = createPlugin(createConfiguration('prod', { destinations }), ['print']);
    await expect(hooks['initialize']?.()).rejects.toThrow(
      [
        'serverless.yml: custom.destinations.SHOP: no AWS::SQS::Queue Shoppe under resources',
        'custom.destinations.CARDS: no AWS::SNS::Topic Shop under resources',
        'custom.destinations.CRM: no AWS::Events::EventBus x under resources',
      ].join('\n'),
    );
  });

  test.each([[{ table: 'Ledger' }], ['Shop'], [{ queue: 'Shop', topic: 'Shop' }]])(
    'says that an entry is none: %j',
    async (entry) => {
      const configuration = createConfiguration('prod', { destinations: { SHOP: entry } });
      const { hooks } = createPlugin(configuration, ['print']);
      await expect(hooks['initialize']?.()).rejects.toThrow(
        'serverless.yml: custom.destinations.SHOP is not one of { queue }',
      );
    },
  );

  test('says that a name is empty', async () => {
    const configuration = createConfiguration('prod', { destinations: { SHOP: { queue: '' } } });
    const { hooks } = createPlugin(configuration, ['print']);
    await expect(hooks['initialize']?.()).rejects.toThrow(
      'serverless.yml: custom.destinations.SHOP.queue is empty',
    );
  });

  test.each([['deploy'], ['deploy function']])(
    'refuses the command %s in the stage local',
    async (command) => {
      const initialization = createPluginForStage('local', command.split(' ')).hooks[
        'initialize'
      ]?.();
      await expect(initialization).rejects.toThrow(
        `npx sls ${command} --stage prod --region eu-west-1`,
      );
    },
  );

  test.each([[{ wanted: 'mail', email: 'on-call@example.com' }], [{ wanted: 'none', email: '' }]])(
    'lets a stage be packaged and deployed with the alarms %j',
    async (alarms) => {
      for (const command of ['package', 'deploy']) {
        const check = createPluginForStage('prod', [command], alarms).hooks['initialize']?.();
        await expect(check).resolves.toBeUndefined();
      }
    },
  );

  test.each([
    [{ wanted: 'mail', email: '' }],
    [{ wanted: 'mail', email: 'on-call' }],
    [{ wanted: 'yes', email: 'on-call@example.com' }],
    [{}],
  ])(
    'refuses to package or deploy a stage whose alarms nobody hears, with the alarms %j',
    async (alarms) => {
      for (const command of ['package', 'deploy']) {
        const initialization = createPluginForStage('prod', [command], alarms).hooks[
          'initialize'
        ]?.();
        await expect(initialization).rejects.toThrow('--param="alarmEmail=you@example.com"');
      }
    },
  );
});
