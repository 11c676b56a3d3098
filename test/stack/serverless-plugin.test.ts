import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import VoucherRelayPlugin from '../../lib/stack/serverless-plugin.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { createConfiguration, type Params } from './support/configuration.ts';
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
  let routed: CommandResult;
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
      const invokeFanOut = async (queue: string, body: unknown): Promise<CommandResult> => {
        const message = {
          messageId: 'm-1',
          receiptHandle: 'r',
          eventSourceARN: `arn:aws:sqs:eu-west-1:000000000000:voucher-relay-local-${queue}`,
          attributes: {},
          body: JSON.stringify(body),
        };
        await writeFile(join(first.folder, 'batch.json'), JSON.stringify({ Records: [message] }));
        return invoke(first, 'fanOut', 'batch.json');
      };
      routed = await invokeFanOut('records', record);
      const delivery = parseJsonAfter(
        'Messages on the queue voucher-relay-local-to-http: 1',
        routed.stdout,
      );
      delivered = await invokeFanOut('to-http', delivery);
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

  test('invoking fanOut with a record prints the delivery for every destination, and ends', () => {
    expect(routed.code).toBe(0);
    const record = parseJsonAfter(
      'Messages on the queue voucher-relay-local-records: 1',
      received.stdout,
    );
    for (const destination of ['consumers', 'http']) {
      const heading = `Messages on the queue voucher-relay-local-to-${destination}: 1`;
      expect(parseJsonAfter(heading, routed.stdout)).toMatchObject({ destination, record });
    }
  });

  test('invoking fanOut with a delivery prints what the destination received, and ends', () => {
    expect(delivered.code).toBe(0);
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
    expect(withoutRecipient.stdout + withoutRecipient.stderr).toMatch(/no recipient.*alarms: none/);
    expect(await readdir(copies[2]?.folder ?? '')).not.toContain('.serverless');
  });
});

describe('with osls, a stage that is not fit to be deployed', () => {
  let copy: ProjectCopy;
  let withFaults: CommandResult;
  let afterRejection: string[];
  let notLoadable: CommandResult;
  let notParsable: CommandResult;

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
    const service = join(copy.folder, 'lib/stack/service.yml');
    const serviceYml = await readFile(service, 'utf8');
    await writeFile(service, serviceYml.replace('CURRENCY: ${param:currency}', 'CURRENCY: euros'));
    await writeFile(join(copy.folder, 'stages/prod.yml'), 'crmUrl: crm.example.test\n');
    await writeFile(
      join(copy.folder, 'functions/destinations.ts'),
      `import { defineDestinations, http, stageParameter } from 'voucher-relay';
       export const destinations = defineDestinations([
         http({ name: 'crm', url: stageParameter('crmUrl') }),
       ]);`,
    );
    notLoadable = await run('alarms=none');
    await writeFile(join(copy.folder, 'functions/destinations.ts'), 'export const other = 1 +;');
    notParsable = await run('alarms=none');
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
      /The function fanOut reports when it starts:\s+destination_misconfigured: 'crm'/,
    );
    expect(await readdir(join(copy.folder, '.serverless'))).not.toContain(
      'cloudformation-template-update-stack.json',
    );
  });

  test('a stage whose destinations cannot be loaded is not packaged', () => {
    expect(notParsable.code).toBe(1);
    expect(notParsable.stdout + notParsable.stderr).toMatch(
      /functions\/destinations\.ts, or a file that it imports, cannot be loaded\. SyntaxError/,
    );
  });
});

/** When what serverless.yml declares is in the template, too. */
const TEMPLATE_IS_COMPLETE = 'after:aws:package:finalize:mergeCustomProviderResources';

describe('the plugin', () => {
  const createPlugin = (
    configurationInput: object,
    commands: string[],
    {
      param,
      sqsEndpoint = '',
      service,
      options = {},
    }: {
      param?: string[];
      sqsEndpoint?: string;
      service?: object;
      options?: { function?: string };
    } = {},
  ): VoucherRelayPlugin =>
    new VoucherRelayPlugin(
      {
        serviceDir: process.cwd(),
        configurationInput,
        service,
        processedInput: { commands, options: { param } },
        getProvider: () => ({
          getAwsSdkV3Config: async () => ({ ...LOCAL_CLIENT, endpoint: sqsEndpoint }),
        }),
        classes: { Error },
      },
      options,
      { writeText: () => {} },
    );
  const createPluginForStage = (
    stage: string,
    commands: string[],
    alarms: object = {},
  ): VoucherRelayPlugin => createPlugin(createConfiguration(stage, { alarms }), commands);
  const DEPLOYED = {
    CONSUMERS_QUEUE_URL: { Ref: 'ConsumersQueue' },
    HTTP_URL: 'https://crm.example.test/hook',
    HTTP_SIGNING_SECRETS: 'relay/http',
  };
  const LOCAL = {
    CONSUMERS_QUEUE_URL: 'http://127.0.0.1/000000000000/consumers',
    HTTP_URL: 'http://127.0.0.1/mock/http',
    HTTP_SIGNING_SECRETS: 'inline:whsec_bG9jYWwtZGVzdGluYXRpb24tc2VjcmV0',
  };

  test.each([
    ['prod', ['print'], DEPLOYED],
    ['prod', ['remove'], DEPLOYED],
    ['prod', ['invoke', 'local'], DEPLOYED],
    ['local', ['package'], LOCAL],
    ['local', ['print'], LOCAL],
    ['local', ['remove'], LOCAL],
  ])(
    'only applies the destinations in the stage %s for the command %j',
    async (stage, commands, environment) => {
      const configuration = createConfiguration(stage, {});
      const { hooks } = createPlugin(configuration, commands);
      expect(Object.keys(hooks)).toEqual(['initialize']);
      await hooks['initialize']?.();
      expect(configuration.functions.fanOut.environment).toEqual(environment);
    },
  );

  test('takes the parameters of destinations from the command line before those of the stage', async () => {
    const params = { prod: { httpDestinationUrl: 'https://stage.example.test' } };
    const [ofStage, ofCommandLine] = [
      {},
      { param: ['httpDestinationUrl=https://cli.example.test'] },
    ];
    const urls = [ofStage, ofCommandLine].map(async (options) => {
      const configuration = createConfiguration('prod', {}, params);
      await createPlugin(configuration, ['print'], options).hooks['initialize']?.();
      return configuration.functions.fanOut.environment['HTTP_URL'];
    });
    expect(await Promise.all(urls)).toEqual([
      'https://stage.example.test',
      'https://cli.example.test',
    ]);
  });

  test('adds the queue of each destination, its event, its permission and its TLS policy', async () => {
    const configuration = createConfiguration('prod', {});
    await createPlugin(configuration, ['print']).hooks['initialize']?.();
    const { functions, resources } = configuration;
    expect(Object.keys(resources.Resources)).toEqual(
      expect.arrayContaining(['ToConsumersQueue', 'ToHttpQueue', 'ToHttpBacklogOldAlarm']),
    );
    expect(functions.fanOut.events).toMatchObject([
      { sqs: { arn: { 'Fn::GetAtt': ['ToConsumersQueue', 'Arn'] } } },
      { sqs: { arn: { 'Fn::GetAtt': ['ToHttpQueue', 'Arn'] } } },
    ]);
    expect(resources.Resources.QueuesPolicy.Properties.Queues).toEqual([
      { Ref: 'ToConsumersQueue' },
      { Ref: 'ToHttpQueue' },
    ]);
    expect(resources.Resources.Role.Properties.Policies).toHaveLength(1);
  });

  describe('before a deploy', () => {
    let aws: Aws;
    beforeAll(async () => {
      aws = await startAws();
      for (const id of ['http', 'crm']) {
        const QueueUrl = await aws.createQueue(`relay-prod-to-${id}`);
        await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
      }
    });
    afterAll(() => aws.stop());

    const deploy = async (params: Params) => {
      const alarms = { notification: 'none' };
      const configuration = createConfiguration('prod', { alarms }, params);
      const { sqsEndpoint } = aws;
      const { hooks } = createPlugin(configuration, ['deploy'], { sqsEndpoint });
      await hooks['initialize']?.();
      await hooks['before:deploy:deploy']?.();
    };

    test('refuses to leave deliveries of a removed destination behind', async () => {
      const refusal = deploy({});
      await expect(refusal).rejects.toThrow(/^The queue relay-prod-to-crm still has 1 message/);
      await expect(refusal).rejects.not.toThrow('to-http');
    });

    test('refuses to leave those of a destination behind whose address was removed', async () => {
      await expect(deploy({ default: { httpDestinationUrl: '' } })).rejects.toThrow(
        "Set the stage parameter with the address of 'http' again",
      );
    });
  });

  test.each([
    ['receive', 'canary', 'Deploy the stack: npx sls deploy'],
    ['receive', 'all-at-once', ''],
    ['fanOut', 'canary', ''],
  ])(
    'deploys the code of %s alone with releases: %s only if it gets webhooks then',
    async (name, releases, refusal) => {
      const configuration = createConfiguration(
        'prod',
        { alarms: { notification: 'none' } },
        { default: { releases } },
      );
      const { hooks } = createPlugin(configuration, ['deploy function'], {
        options: { function: name },
      });
      const outcome = await hooks['initialize']?.().then(
        () => '',
        ({ message }: Error) => message,
      );
      expect(outcome?.replace(/^With releases.*none\. /, '')).toBe(refusal);
    },
  );

  test('rejects a configuration that lacks what the destinations are added to', async () => {
    const configuration = createConfiguration('prod', { metrics: undefined });
    const { hooks } = createPlugin(configuration, ['print']);
    await expect(hooks['initialize']?.()).rejects.toThrow(
      /serverless\.yml lacks[^]*custom\.relay\.metrics/,
    );
  });

  test.each(['Role', 'QueuesPolicy', 'DeliveriesTable', 'Dashboard'])(
    'rejects a configuration without the resource %s',
    async (id) => {
      const configuration = createConfiguration('prod', {});
      const { [id]: _, ...Resources }: Record<string, object> = configuration.resources.Resources;
      const { hooks } = createPlugin({ ...configuration, resources: { Resources } }, ['print']);
      await expect(hooks['initialize']?.()).rejects.toThrow(`resources.${id} of serverless.yml`);
    },
  );

  test('rejects a destination whose parameter is not declared', async () => {
    const configuration = { ...createConfiguration('prod', {}), params: {} };
    const { hooks } = createPlugin(configuration, ['print']);
    await expect(hooks['initialize']?.()).rejects.toThrow(
      "The destination 'http' needs the stage parameter httpDestinationUrl",
    );
  });

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
          provider: { compiledCloudFormationTemplate: { Resources: {} } },
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
        getProvider: () => ({ getAwsSdkV3Config: async () => LOCAL_CLIENT }),
        classes: { Error },
      },
      name === undefined ? {} : { function: name },
      { writeText: () => {} },
    );
    const load = hooks['after:deploy:function:packageFunction'] ?? hooks[TEMPLATE_IS_COMPLETE];
    const outcome = await load?.().then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
    await rm(folder, { recursive: true });
    expect(outcome ?? 'starts').toContain(fault);
    expect(outcome ?? 'starts').not.toContain('fine');
  });

  test.each([['deploy'], ['package']])(
    'rejects, for the command %s, a template with more resources than CloudFormation takes',
    async (command) => {
      const Resources = Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`R${n}`, {}]));
      const service = {
        provider: { compiledCloudFormationTemplate: { Resources } },
        functions: {},
      };
      const { hooks } = createPlugin(createConfiguration('prod', {}), [command], { service });
      await expect(hooks[TEMPLATE_IS_COMPLETE]?.()).rejects.toThrow(
        'The stack has 501 resources, and CloudFormation accepts 500.',
      );
    },
  );

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
        createConfiguration('prod', { alarms }, params),
        command.split(' '),
        { param: ['senderRegion=eu9', 'webhookSecret=in=plain=text', 'senderRegoin=eu1'] },
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
        '  senderRegoin is no stage parameter, and nothing reads it: did you mean senderRegion?\n',
        'Set them in the stage’s file in stages/, or with --param="name=value".',
      ]) {
        await expect(initialization).rejects.toThrow(fault);
      }
      await expect(initialization).rejects.not.toThrow(/plain=text|loud/);
    },
  );

  test.each([
    [{ prod: { httpDestinationUlr: '' } }, 'did you mean httpDestinationUrl?'],
    [{ prod: { colour: 'red' } }, 'colour is no stage parameter, and nothing reads it: remove it'],
  ])('rejects a parameter of one stage that nothing reads: %j', async (params, fault) => {
    const configuration = createConfiguration('prod', {}, params);
    const { hooks } = createPlugin(configuration, ['deploy', 'function']);
    await expect(hooks['initialize']?.()).rejects.toThrow(fault);
  });

  test('lists a missing recipient beside the other faults', async () => {
    const { hooks } = createPlugin(
      createConfiguration('prod', {}, { default: { onRemoval: 'Keep' } }),
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
    const { hooks } = createPlugin(createConfiguration(stage, {}, params), commands);
    await expect(hooks['initialize']?.()).resolves.toBeUndefined();
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
