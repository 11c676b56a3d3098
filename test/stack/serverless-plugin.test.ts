import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import VoucherRelayPlugin from '../../lib/stack/serverless-plugin.ts';
import { createZip } from '../support/create-zip.ts';
import {
  type CommandResult,
  copyProject,
  type ProjectCopy,
  SLS,
} from '../local/support/project-copy.ts';

const MANY_SECONDS = 120_000;

/** Parses the first JSON object after a text. */
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
    // a copy for each, because commands in the same folder share a build folder
    copies = await Promise.all([copyProject(), copyProject(), copyProject()]);
    const [first, second, third] = copies;
    if (first === undefined || second === undefined || third === undefined) return;
    const sample = 'events/code-percent-discount.json';
    const invoke = (copy: ProjectCopy, name: string, file: string, ...more: string[]) =>
      copy.run(SLS, 'invoke', 'local', '-f', name, '-p', file, ...more);
    const chain = async (): Promise<void> => {
      received = await invoke(first, 'receive', sample);
      const record = parseJsonAfter(
        'Messages on the queue voucher-relay-local-records: 1',
        received.stdout,
      );
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

  test('invoking receive prints the response and the record on the queue, and ends', () => {
    expect(received.code).toBe(0);
    expect(received.stdout).toContain('"statusCode": 202');
    expect(
      parseJsonAfter('Messages on the queue voucher-relay-local-records: 1', received.stdout),
    ).toMatchObject({
      specversion: '1.0',
      data: { purpose: 'code' },
    });
  });

  test('invoking fanOut prints what every destination received, and ends', () => {
    expect(delivered.code).toBe(0);
    const record = parseJsonAfter(
      'Messages on the queue voucher-relay-local-records: 1',
      received.stdout,
    );
    expect(
      parseJsonAfter('Messages on the queue voucher-relay-local-consumers: 1', delivered.stdout),
    ).toEqual(record);
    expect(delivered.stdout).toContain('Request at the mock destination http: POST');
  });

  test('a function that cannot start prints why, and the command ends', () => {
    expect(notStarted.code).toBe(1);
    expect(notStarted.stdout + notStarted.stderr).toContain('RECORDS_QUEUE_URL is not a URL');
  });

  test('deploying the stage local is rejected before the build', async () => {
    expect(deployed.code).toBe(1);
    expect(deployed.stdout + deployed.stderr).toMatch(
      /cannot be deployed.*npx sls deploy --stage prod --region eu-west-1/,
    );
    expect(await readdir(copies[2]?.folder ?? '')).not.toContain('.serverless');
  });

  test('a stage whose alarms have no recipient is not packaged', async () => {
    expect(withoutRecipient.code).toBe(1);
    expect(withoutRecipient.stdout + withoutRecipient.stderr).toMatch(
      /no recipient.*--param="alarms=none"/,
    );
    expect(await readdir(copies[2]?.folder ?? '')).not.toContain('.serverless');
  });
});

describe('with osls, a stage that is not fit to be deployed', () => {
  let copy: ProjectCopy;
  let withFaults: CommandResult;
  let afterRejection: string[];
  let notLoadable: CommandResult;

  beforeAll(async () => {
    copy = await copyProject();
    const run = (...parameters: string[]) =>
      copy.run(SLS, 'package', '--stage', 'prod', ...parameters.map((each) => `--param=${each}`));
    withFaults = await run(
      'senderIpCheck=enforce',
      'webhookSecretStore=ssm',
      'webhookSecret=in-plain-text',
    );
    afterRejection = await readdir(copy.folder);
    const file = join(copy.folder, 'serverless.yml');
    const serverlessYml = await readFile(file, 'utf8');
    const broken = serverlessYml
      .replace('CURRENCY: ${param:currency}', 'CURRENCY: euros')
      .replace('${param:httpDestinationUrl}', 'crm.example.test/hook');
    await writeFile(file, broken);
    notLoadable = await run('alarms=none');
  }, MANY_SECONDS);

  afterAll(() => copy.remove());

  test('a stage with faults is not packaged, and all are listed', () => {
    expect(withFaults.code).toBe(1);
    const output = withFaults.stdout + withFaults.stderr;
    for (const fault of [
      'The stage has 4 faults:',
      'The alarms of this stage have no recipient',
      'webhookSecret is for the stage local only',
      'senderIpCheck is enforce, but no address would be checked',
      'webhookSecretName is not the name of an SSM parameter with its leading slash',
    ]) {
      expect(output).toContain(fault);
    }
    expect(output).not.toContain('in-plain-text');
    expect(afterRejection).not.toContain('.serverless');
  });

  test('a stage whose functions cannot start is not packaged, and all are listed', async () => {
    expect(notLoadable.code).toBe(1);
    const output = notLoadable.stdout + notLoadable.stderr;
    expect(output).toMatch(
      /The function receive cannot start\. ConfigError: .*a fault[^]*CURRENCY is not/,
    );
    expect(output).toMatch(
      /The function fanOut reports when it starts:\s+destination_misconfigured: 'http'/,
    );
    expect(await readdir(join(copy.folder, '.serverless'))).not.toContain(
      'cloudformation-template-update-stack.json',
    );
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
  const createPlugin = (
    configurationInput: object,
    commands: string[],
    param?: string[],
  ): VoucherRelayPlugin =>
    new VoucherRelayPlugin(
      {
        serviceDir: '/nowhere',
        configurationInput,
        processedInput: { commands, options: { param } },
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
    ['prod', ['print'], { Ref: 'Shop' }],
    ['prod', ['remove'], { Ref: 'Shop' }],
    ['prod', ['invoke', 'local'], { Ref: 'Shop' }],
    ['local', ['package'], 'http://127.0.0.1/000000000000/shop'],
    ['local', ['print'], 'http://127.0.0.1/000000000000/shop'],
    ['local', ['remove'], 'http://127.0.0.1/000000000000/shop'],
  ])(
    'only applies the destinations in the stage %s for the command %j',
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

  test('loads the function that is deployed alone', () => {
    const { hooks } = createPlugin(createConfiguration('prod', {}), ['deploy', 'function']);
    expect(Object.keys(hooks)).toEqual(['after:deploy:function:packageFunction', 'initialize']);
  });

  test.each([
    [['deploy', 'function'], 'one', 'The function one cannot start. Error: no'],
    [['deploy', 'function'], 'fine', 'starts'],
    [['package'], undefined, 'The function one cannot start. Error: no\nThe function two'],
    [['deploy'], undefined, 'The function one cannot start. Error: no\nThe function two'],
  ])('loads, for %j of the function %s, that function or all', async (commands, name, fault) => {
    const folder = await mkdtemp(join(tmpdir(), 'plugin-'));
    const sources = {
      one: "throw new Error('no')",
      two: '1 +',
      fine: 'exports.handler = () => {};',
    };
    for (const [file, source] of Object.entries(sources)) {
      await writeFile(join(folder, `${file}.zip`), createZip({ 'functions/f.cjs': source }));
    }
    const names = Object.keys(sources);
    const { hooks } = new VoucherRelayPlugin(
      {
        serviceDir: folder,
        service: {
          functions: Object.fromEntries(
            names.map((file) => [file, { package: { artifact: `${file}.zip` } }]),
          ),
        },
        configurationInput: {
          ...createConfiguration('prod', {}),
          functions: Object.fromEntries(
            names.map((file) => [file, { handler: 'functions/f.handler' }]),
          ),
        },
        processedInput: { commands, options: {} },
        classes: { Error },
      },
      name === undefined ? {} : { function: name },
      { writeText: () => {} },
    );
    const load = hooks['after:deploy:function:packageFunction'] ?? hooks['before:package:finalize'];
    const outcome = await load?.().then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
    await rm(folder, { recursive: true });
    expect(outcome ?? 'starts').toContain(fault);
    expect(outcome ?? 'starts').not.toContain('fine');
  });

  test.each([['deploy'], ['package'], ['deploy function']])(
    'rejects the command %s with all faults of the parameters: default, stage, command line',
    async (command) => {
      const params = {
        default: { senderRegion: 'eu1', currency: 'euro', silenceHours: 24 },
        prod: { silenceHours: 200, senderRegion: 'us1' },
        dev: { logLevel: 'loud' },
      };
      const alarms = { notification: 'none' };
      const { hooks } = createPlugin(
        { ...createConfiguration('prod', { alarms }), params },
        command.split(' '),
        ['senderRegion=eu9', 'webhookSecret=in=plain=text', 'senderRegoin=eu1'],
      );
      const initialization = hooks['initialize']?.();
      await expect(initialization).rejects.toThrow(
        [
          'The stage has 5 faults:',
          '  silenceHours is not a whole number from 1 to 168',
          '  webhookSecret is for the stage local only',
        ].join('\n'),
      );
      for (const fault of [
        '  senderRegion is none of eu1, us1, as1\n',
        '  currency is not a currency of three capital letters (ISO 4217)\n',
        '  senderRegoin is no parameter of serverless.yml: did you mean senderRegion?\n',
        'Set them with --param="name=value", or under params in serverless.yml.',
      ]) {
        await expect(initialization).rejects.toThrow(fault);
      }
      await expect(initialization).rejects.not.toThrow(/plain=text|loud/);
    },
  );

  test('lists a missing recipient beside the other faults', async () => {
    const { hooks } = createPlugin(
      { ...createConfiguration('prod', {}), params: { default: { onRemoval: 'Keep' } } },
      ['deploy'],
    );
    await expect(hooks['initialize']?.()).rejects.toThrow(/2 faults[^]*no recipient[^]*onRemoval/);
  });

  test.each([
    ['local', ['package']],
    ['prod', ['print']],
    ['prod', ['remove']],
  ])('checks no parameters in the stage %s for the command %j', async (stage, commands) => {
    const params = { default: { senderRegion: 'eu9' } };
    const { hooks } = createPlugin({ ...createConfiguration(stage, {}), params }, commands);
    await expect(hooks['initialize']?.()).resolves.toBeUndefined();
  });

  test.each([
    [{ parameter: 'no/leading/slash' }],
    [{ parameter: 'arn:aws:ssm:eu-west-1:111122223333:parameter/x' }],
    [{ secret: 'inline:whsec_x' }],
    [{ secret: 'two words' }],
  ])('rejects the entry %j, whose name no store has', async (entry) => {
    const configuration = createConfiguration('prod', { destinations: { SHOP: entry } });
    const { hooks } = createPlugin(configuration, ['print']);
    await expect(hooks['initialize']?.()).rejects.toThrow(
      'serverless.yml: custom.destinations.SHOP',
    );
  });

  test('lists all destinations that are not declared', async () => {
    const destinations = { SHOP: { queue: 'Shoppe' }, CARDS: { topic: 'Shop' }, CRM: { bus: 'x' } };
    const { hooks } = createPlugin(createConfiguration('prod', { destinations }), ['print']);
    await expect(hooks['initialize']?.()).rejects.toThrow(
      [
        'serverless.yml: custom.destinations.SHOP: resources declares no AWS::SQS::Queue Shoppe',
        'custom.destinations.CARDS: resources declares no AWS::SNS::Topic Shop',
        'custom.destinations.CRM: resources declares no AWS::Events::EventBus x',
      ].join('\n'),
    );
  });

  test.each([[{ table: 'DeliveriesTable' }], ['Shop'], [{ queue: 'Shop', topic: 'Shop' }]])(
    'rejects the entry %j',
    async (entry) => {
      const configuration = createConfiguration('prod', { destinations: { SHOP: entry } });
      const { hooks } = createPlugin(configuration, ['print']);
      await expect(hooks['initialize']?.()).rejects.toThrow(
        'serverless.yml: custom.destinations.SHOP is not one of { queue }',
      );
    },
  );

  test('rejects an empty name', async () => {
    const configuration = createConfiguration('prod', { destinations: { SHOP: { queue: '' } } });
    const { hooks } = createPlugin(configuration, ['print']);
    await expect(hooks['initialize']?.()).rejects.toThrow(
      'serverless.yml: custom.destinations.SHOP.queue is empty',
    );
  });

  const CREDENTIALS = [
    'AWS_PROFILE',
    'AWS_DEFAULT_PROFILE',
    'AWS_SESSION_TOKEN',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
  ];

  test.each([
    ['local', ['invoke', 'local'], [undefined, undefined, undefined, 'local', 'local']],
    ['local', ['package'], CREDENTIALS.map(() => 'own')],
    ['prod', ['invoke', 'local'], CREDENTIALS.map(() => 'own')],
    ['prod', ['deploy', 'function'], CREDENTIALS.map(() => 'own')],
  ])(
    "in the stage %s, %j sees these of the developer's credentials: %j",
    async (stage, commands, expected) => {
      for (const name of CREDENTIALS) vi.stubEnv(name, 'own');
      await createPluginForStage(stage, commands).hooks['initialize']?.();
      expect(CREDENTIALS.map((name) => process.env[name])).toEqual(expected);
      vi.unstubAllEnvs();
    },
  );

  test.each([['deploy'], ['deploy function']])(
    'rejects the command %s in the stage local',
    async (command) => {
      const initialization = createPluginForStage('local', command.split(' ')).hooks[
        'initialize'
      ]?.();
      await expect(initialization).rejects.toThrow(
        `npx sls ${command} --stage prod --region eu-west-1`,
      );
    },
  );

  test.each([
    [{ notification: 'mail', email: 'on-call@example.com' }],
    [{ notification: 'none', email: '' }],
  ])('packages and deploys a stage with the alarms %j', async (alarms) => {
    for (const command of ['package', 'deploy']) {
      const check = createPluginForStage('prod', [command], alarms).hooks['initialize']?.();
      await expect(check).resolves.toBeUndefined();
    }
  });

  test.each([
    [{ notification: 'mail', email: '' }],
    [{ notification: 'mail', email: 'on-call' }],
    [{ notification: 'yes', email: 'on-call@example.com' }],
    [{}],
  ])('does not package or deploy a stage whose alarms have no recipient: %j', async (alarms) => {
    for (const command of ['package', 'deploy']) {
      const initialization = createPluginForStage('prod', [command], alarms).hooks[
        'initialize'
      ]?.();
      await expect(initialization).rejects.toThrow('--param="alarmEmail=you@example.com"');
    }
  });
});
