import * as v from 'valibot';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { printServerlessConfiguration } from '../../../lib/local/emulator/serverless-print.ts';
import { describeStack, getQueueById } from '../../../lib/local/emulator/stack.ts';
import { WebhookSecretSchema } from '../../../lib/voucherify/webhook-secret.ts';
import { fixtureConfiguration } from '../support/configuration.ts';
import { PROJECT_FOLDER } from '../support/fixture-function.ts';

const arn = (name: string): string => `arn:aws:sqs:eu-west-1:000000000000:${name}`;

describe('a function', () => {
  test('has its own settings, those of the provider, and the defaults', () => {
    const [front, reader] = describeStack(fixtureConfiguration()).functions;
    expect(front).toEqual({
      name: 'front',
      deployedName: 'letters-local-front',
      module: 'test/local/fixtures/functions/front',
      exportName: 'handler',
      timeoutSeconds: 5,
      memoryMb: 1_024,
      environment: {
        GREETING: 'hello',
        INBOX_URL: 'http://127.0.0.1/000000000000/letters-local-inbox',
        LIMIT: '3',
      },
      events: {
        routes: [{ method: 'POST', path: '/letters/{kind}' }],
        sources: [],
        unsupported: [],
      },
    });
    expect(reader).toMatchObject({
      memoryMb: 256,
      environment: { TABLE: 'letters-local-deliveries' },
      events: {
        sources: [
          {
            queueArn: arn('letters-local-inbox'),
            batchSize: 5,
            batchingWindowSeconds: 0,
            reportsItemFailures: true,
            maximumConcurrency: null,
          },
        ],
      },
    });
  });

  test('can have routes in every notation, disabled sources, and unsupported events', () => {
    const configuration = fixtureConfiguration();
    configuration.functions['front'] = {
      handler: 'front.handler',
      events: [
        { httpApi: '*' },
        { httpApi: { method: 'get', path: '/a' } },
        { httpApi: { path: '/b' } },
        { sqs: { arn: { 'Fn::GetAtt': ['Inbox', 'Arn'] }, enabled: false } },
        { schedule: 'rate(1 day)' },
      ],
    };
    expect(describeStack(configuration).functions[0]?.events).toEqual({
      routes: [
        { method: '*', path: '*' },
        { method: 'GET', path: '/a' },
        { method: '*', path: '/b' },
      ],
      sources: [],
      unsupported: ['schedule'],
    });
  });
});

describe('resources', () => {
  test('are queues with their attributes as texts, and tables with their keys', () => {
    const stack = describeStack(fixtureConfiguration());
    expect(stack.queues).toEqual([
      {
        id: 'Inbox',
        name: 'letters-local-inbox',
        arn: arn('letters-local-inbox'),
        attributes: {
          VisibilityTimeout: '2',
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: arn('letters-local-DeadLetters'),
            maxReceiveCount: 2,
          }),
        },
        deadLetterArn: arn('letters-local-DeadLetters'),
      },
      {
        id: 'Outbox',
        name: 'letters-local-outbox',
        arn: arn('letters-local-outbox'),
        attributes: { SqsManagedSseEnabled: 'true' },
        deadLetterArn: null,
      },
      {
        id: 'DeadLetters',
        name: 'letters-local-DeadLetters',
        arn: arn('letters-local-DeadLetters'),
        attributes: {},
        deadLetterArn: null,
      },
    ]);
    expect(stack.tables).toEqual([
      {
        id: 'DeliveriesTable',
        name: 'letters-local-deliveries',
        timeToLiveAttribute: 'expiresAtSeconds',
        definition: {
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        },
      },
    ]);
  });

  const subscribe = (properties: object): ReturnType<typeof fixtureConfiguration> => {
    const configuration = fixtureConfiguration();
    Object.assign(configuration.resources.Resources, {
      News: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } },
      NewsToInbox: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          Protocol: 'sqs',
          TopicArn: { Ref: 'News' },
          Endpoint: { 'Fn::GetAtt': 'Inbox.Arn' },
          ...properties,
        },
      },
    });
    return configuration;
  };

  test('are topics too, with the queues that are subscribed to them', () => {
    const stack = describeStack(subscribe({ RawMessageDelivery: true }));
    expect(stack.topics).toMatchObject([{ id: 'News', name: 'news' }]);
    expect(stack.subscriptions).toEqual([
      {
        topicArn: 'arn:aws:sns:eu-west-1:000000000000:news',
        queueArn: arn('letters-local-inbox'),
        attributes: { RawMessageDelivery: 'true' },
      },
    ]);
  });

  test.each([
    ['nothing more', {}, {}],
    ['a filter', { FilterPolicy: { purpose: ['code'] } }, { FilterPolicy: '{"purpose":["code"]}' }],
    [
      'a filter as a text',
      { FilterPolicy: '{ "purpose": ["code"] }', FilterPolicyScope: 'MessageBody' },
      { FilterPolicy: '{"purpose":["code"]}', FilterPolicyScope: 'MessageBody' },
    ],
    ['what has no effect locally', { Region: 'eu-west-1', RedrivePolicy: {} }, {}],
  ])('a subscription can have %s', (_case, properties, attributes) => {
    expect(describeStack(subscribe(properties)).subscriptions).toMatchObject([{ attributes }]);
  });

  test.each([
    [{ FilterPolicy: 'purpose = code' }, 'resources.NewsToInbox.FilterPolicy'],
    [{ FilterPolicyScope: 'Everything' }, 'resources.NewsToInbox.FilterPolicyScope'],
    [{ ReplayPolicy: {} }, 'resources.NewsToInbox.ReplayPolicy'],
    [{ SubscriptionRoleArn: 'arn' }, 'resources.NewsToInbox.SubscriptionRoleArn'],
    [{ Typo: true }, 'resources.NewsToInbox.Typo: is not supported locally'],
  ])('a subscription with %j is an error', (properties, message) => {
    expect(() => describeStack(subscribe(properties))).toThrow(message);
  });

  test.each<[object]>([
    [{}],
    [{ purpose: ['code', null, 1, true, { exists: false }, { 'anything-but': ['x'] }] }],
    [
      {
        type: [{ prefix: 'a' }, { suffix: 'b' }, { wildcard: '*' }, { 'equals-ignore-case': 'c' }],
      },
    ],
    [{ amount: [{ numeric: ['>', 1] }], ip: [{ cidr: '10.0.0.0/8' }] }],
    [{ purpose: ['code'], $or: [{ type: ['a'] }, { project: ['b'] }] }],
  ])('a subscription can have the filter %j, on attributes and on the body', (policy) => {
    for (const FilterPolicyScope of ['MessageAttributes', 'MessageBody']) {
      const configuration = subscribe({ FilterPolicy: policy, FilterPolicyScope });
      expect(describeStack(configuration).subscriptions).toMatchObject([
        { attributes: { FilterPolicy: JSON.stringify(policy) } },
      ]);
    }
  });

  test.each<[unknown]>([
    [{ purpose: 'code' }],
    [{ purpose: [] }],
    [{ purpose: [{ prefx: 'c' }] }],
    [{ purpose: [{ prefix: 'c', suffix: 'e' }] }],
    [{ purpose: [{}] }],
    [{ purpose: [['code']] }],
    [['code']],
    ['["code"]'],
    [{ $or: { purpose: ['code'] } }],
    [{ $or: [{ purpose: 'code' }] }],
  ])('a filter that SNS refuses is an error: %j', (policy) => {
    for (const FilterPolicyScope of ['MessageAttributes', 'MessageBody']) {
      const configuration = subscribe({ FilterPolicy: policy, FilterPolicyScope });
      expect(() => describeStack(configuration)).toThrow('resources.NewsToInbox.FilterPolicy: ');
    }
  });

  test('a filter can have nested keys for the body only', () => {
    const filter = { FilterPolicy: { data: { purpose: ['code'] } } };
    const onBody = subscribe({ ...filter, FilterPolicyScope: 'MessageBody' });
    expect(describeStack(onBody).subscriptions).toHaveLength(1);
    expect(() => describeStack(subscribe(filter))).toThrow('FilterPolicyScope: MessageBody');
  });

  test('a topic can declare its subscriptions itself', () => {
    const configuration = fixtureConfiguration();
    configuration.resources.Resources['News'] = {
      Type: 'AWS::SNS::Topic',
      Properties: {
        TopicName: 'news',
        Subscription: [{ Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['Inbox', 'Arn'] } }],
      },
    };
    expect(describeStack(configuration).subscriptions).toEqual([
      {
        topicArn: 'arn:aws:sns:eu-west-1:000000000000:news',
        queueArn: arn('letters-local-inbox'),
        attributes: {},
      },
    ]);
  });

  test('can be in several parts', () => {
    const { resources, ...configuration } = fixtureConfiguration();
    const { Inbox, ...others } = resources.Resources;
    const parts = [{ Resources: { Inbox } }, { Resources: others }, { Outputs: {} }];
    expect(describeStack({ ...configuration, resources: parts }).queues).toHaveLength(3);
  });

  test('are found by their logical ids', () => {
    const stack = describeStack(fixtureConfiguration());
    expect(getQueueById(stack, 'Outbox').name).toBe('letters-local-outbox');
    expect(() => getQueueById(stack, 'Nowhere')).toThrow(
      'serverless.yml declares no queue Nowhere',
    );
  });
});

describe('an invalid or unsupported setting is an error with its path', () => {
  type Configuration = ReturnType<typeof fixtureConfiguration>;
  const invalid: [string, (configuration: Configuration) => void, string][] = [
    [
      'an unknown function of CloudFormation',
      ({ functions }) => {
        functions['front'] = {
          ...functions['front'],
          environment: { A: { 'Fn::ImportValue': 'x' } },
        };
      },
      'functions.front.environment.A uses Fn::ImportValue',
    ],
    [
      'a resource that does not exist locally',
      ({ provider }) => {
        provider['environment'] = { A: { Ref: 'Alarm' } };
      },
      'provider.environment.A refers to Alarm',
    ],
    [
      'an attribute that does not exist locally',
      ({ functions }) => {
        functions['front'] = {
          ...functions['front'],
          environment: { A: { 'Fn::GetAtt': ['Inbox', 'Colour'] } },
        };
      },
      'functions.front.environment.A refers to Inbox.Colour',
    ],
    [
      'an unsupported setting of an event source',
      ({ functions }) => {
        functions['front'] = {
          handler: 'front.handler',
          events: [{ sqs: { arn: { 'Fn::GetAtt': ['Inbox', 'Arn'] }, filterPatterns: [] } }],
        };
      },
      'functions.front.events.0.sqs.filterPatterns',
    ],
    [
      'a batch larger than one receive, without a window',
      ({ functions }) => {
        functions['front'] = {
          handler: 'front.handler',
          events: [{ sqs: { arn: { 'Fn::GetAtt': ['Inbox', 'Arn'] }, batchSize: 11 } }],
        };
      },
      'batchSize is over 10, which needs a maximumBatchingWindow of 1 second or more',
    ],
    [
      'an event source that is not declared',
      ({ functions }) => {
        functions['front'] = { handler: 'front.handler', events: [{ sqs: arn('unknown') }] };
      },
      'functions.front reads arn:aws:sqs:eu-west-1:000000000000:unknown, which is not declared under resources',
    ],
    [
      'a visibility timeout shorter than the timeout of the function',
      ({ functions }) => {
        functions['reader'] = { ...functions['reader'], timeout: 3 };
      },
      'resources.Inbox.VisibilityTimeout is shorter than the timeout of functions.reader',
    ],
    [
      'a handler without a name',
      ({ functions }) => {
        functions['front'] = { handler: 'front' };
      },
      'functions.front.handler: does not have the form file.export',
    ],
    [
      'the older payload format of HTTP APIs',
      ({ provider }) => {
        provider['httpApi'] = { payload: '1.0' };
      },
      'only payload 2.0 is supported locally',
    ],
    [
      'a subscription that is not a queue',
      ({ resources }) => {
        resources.Resources['Mail'] = {
          Type: 'AWS::SNS::Subscription',
          Properties: { Protocol: 'email', TopicArn: 'x', Endpoint: 'y' },
        };
      },
      'only queues can be subscribed locally',
    ],
  ];
  test.each(invalid)('%s', (_case, change, message) => {
    const configuration = fixtureConfiguration();
    change(configuration);
    expect(() => describeStack(configuration)).toThrow(message);
  });
});

describe("the repository's own serverless.yml", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("is resolved by the repository's osls, and runs locally unchanged", async () => {
    const stack = describeStack(await printServerlessConfiguration(PROJECT_FOLDER, 'local'));
    expect(stack.functions.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['receive', 'fanOut']),
    );
    expect(getQueueById(stack, 'RecordsQueue').deadLetterArn).toBe(
      getQueueById(stack, 'DeadLettersQueue').arn,
    );
    expect(stack.functions.flatMap(({ events }) => events.unsupported)).toEqual([]);
  });

  test.each([
    ['', ['local-secret']],
    ['a-new-key\nan-old-key', ['local-secret', 'a-new-key', 'an-old-key']],
  ])('lets receive accept the samples, and webhooks signed with %j', async (secret, keys) => {
    vi.stubEnv('VOUCHERIFY_WEBHOOK_SECRET', secret);
    const stack = describeStack(await printServerlessConfiguration(PROJECT_FOLDER, 'local'));
    const receive = stack.functions.find(({ name }) => name === 'receive');
    expect(v.parse(WebhookSecretSchema, receive?.environment['WEBHOOK_SECRET'])).toEqual(keys);
  });

  test('is rejected with the message of osls when it is not valid', async () => {
    await expect(printServerlessConfiguration(PROJECT_FOLDER, 'no such stage!')).rejects.toThrow(
      /cannot be resolved for the stage no such stage!/,
    );
  });
});
