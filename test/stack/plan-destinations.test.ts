import { describe, expect, it } from 'vitest';
import type { Need } from '../../lib/destinations/declaration.ts';
import { http } from '../../lib/destinations/http.ts';
import { parameterStore } from '../../lib/destinations/parameter-store.ts';
import { secretsManager } from '../../lib/destinations/secrets-manager.ts';
import { resource, stageParameter } from '../../lib/destinations/declaration.ts';
import { planDestinations } from '../../lib/stack/plan-destinations.ts';
import { declare, planned, STAGE } from './support/planned.ts';

const url = (address: string | { stageParameter: string }): Need => ({
  kind: 'address',
  variable: 'CRM_URL',
  address,
  local: 'http://127.0.0.1/mock/crm',
});
const queue = (target: string | { resource: string } | { stageParameter: string }): Need => ({
  kind: 'queue',
  variable: 'CRM_QUEUE_URL',
  target,
});
const secretOf = (reference: ReturnType<typeof secretsManager>): readonly Need[] =>
  http({ name: 'crm', url: 'https://crm.example.test', secret: reference }).needs;

describe('a destination with a stage parameter', () => {
  const needs = [url(stageParameter('crmUrl'))];

  it('exists in a stage that has its address', () => {
    const values = { crmUrl: 'https://crm.example.test' };
    expect(planned({ name: 'crm', needs }, { values }).destinations).toMatchObject([
      {
        queueName: 'relay-prod-to-crm',
        queueId: 'ToCrmQueue',
        needs: [{ address: values.crmUrl }],
      },
    ]);
  });

  it('does not exist where its address is empty', () => {
    const plan = planned({ name: 'crm', needs }, { values: { crmUrl: '' } });
    expect(plan).toEqual({ destinations: [], faults: [] });
  });

  it('exists in the stage local, where its address is a mock receiver', () => {
    const plan = planned({ name: 'crm', needs }, { values: { crmUrl: '' }, isLocal: true });
    expect(plan.destinations).toHaveLength(1);
  });

  it.each([
    ['did you mean crmURL?', new Set(['crmURL', 'currency'])],
    ['set it in the file in stages/ of each stage that has this destination', new Set<string>()],
  ])('is refused where the parameter is not declared: %s', (hint, declaredNames) => {
    expect(planned({ name: 'crm', needs }, { declaredNames }).faults).toEqual([
      `The destination 'crm' needs the stage parameter crmUrl, which no stage sets: ${hint}`,
    ]);
  });

  it('does not exist where only other stages set its address', () => {
    const stage = { declaredNames: new Set(['crmUrl']) };
    expect(planned({ name: 'crm', needs }, stage)).toEqual({ destinations: [], faults: [] });
  });
});

describe('a queue, topic or bus whose ARN is a stage parameter', () => {
  const needs = [queue(stageParameter('crmQueueArn'))];
  const arn = 'arn:aws:sqs:eu-west-1:000000000000:orders';

  it('is that of the stage', () => {
    const { destinations, faults } = planned(
      { name: 'crm', needs },
      { values: { crmQueueArn: arn } },
    );
    expect(faults).toEqual([]);
    expect(destinations).toMatchObject([{ needs: [{ kind: 'queue', target: arn }] }]);
  });

  it('leaves the destination out where it is empty', () => {
    expect(planned({ name: 'crm', needs }, { values: { crmQueueArn: '' } })).toEqual({
      destinations: [],
      faults: [],
    });
  });

  it('is one of the emulators in the stage local', () => {
    const stage = { values: { crmQueueArn: '' }, isLocal: true };
    expect(planned({ name: 'crm', needs }, stage).destinations).toMatchObject([
      { needs: [{ target: 'arn:aws:sqs:eu-west-1:000000000000:crm-queue-url' }] },
    ]);
  });

  it('is refused when it is the ARN of something else', () => {
    const values = { crmQueueArn: 'arn:aws:sns:eu-west-1:000000000000:orders' };
    expect(planned({ name: 'crm', needs }, { values }).faults).toHaveLength(1);
  });
});

describe('with two stages that can be deployed, a destination', () => {
  const stages = {
    stages: new Set(['prod', 'staging']),
    values: { crmUrl: 'https://a.example.test' },
  };
  const secret = (name: string | { stageParameter: string }): Need => ({
    kind: 'secret',
    variable: 'CRM_SECRET',
    secretName: name,
    local: 'local',
  });

  it.each<[string, readonly Need[]]>([
    ['a fixed address', [url('https://crm.example.test')]],
    ['a fixed ARN', [queue('arn:aws:sqs:eu-west-1:000000000000:orders')]],
    ['a secret for all stages', [url('https://crm.example.test'), secret('relay/crm')]],
  ])('with %s is refused: staging would reach real customers', (_what, needs) => {
    expect(planned({ name: 'crm', needs }, stages).faults).toEqual([
      expect.stringMatching(
        /^The destination 'crm' is the same in every stage, so prod and staging/,
      ),
    ]);
    expect(planned({ name: 'crm', needs, sharedByStages: true }, stages).faults).toEqual([]);
    expect(planned({ name: 'crm', needs }, { ...stages, isLocal: true }).faults).toEqual([]);
    expect(planned({ name: 'crm', needs }).faults).toEqual([]);
  });

  it.each<[string, readonly Need[]]>([
    ['an address of the stage', [url(stageParameter('crmUrl'))]],
    ['a secret of the stage', [url('https://crm.example.test'), secret('relay/{stage}/crm')]],
  ])('with %s is accepted', (_what, needs) => {
    expect(planned({ name: 'crm', needs }, stages).faults).toEqual([]);
  });
});

describe('the name of a secret', () => {
  it.each([
    [secretsManager('relay/{stage}/crm'), 'relay/prod/crm'],
    [secretsManager('relay/crm'), 'relay/crm'],
    [parameterStore('/relay/{stage}'), '/relay/prod'],
    [secretsManager(stageParameter('crmSecret')), 'from/prod'],
    [secretsManager(stageParameter('none')), ''],
  ])('of %j is %s', (reference, secretName) => {
    const plan = planned(
      { name: 'crm', needs: secretOf(reference) },
      { values: { crmSecret: 'from/{stage}', none: '' } },
    );
    expect(plan.faults).toEqual([]);
    expect(plan.destinations[0]?.needs).toContainEqual(expect.objectContaining({ secretName }));
  });

  it.each([
    [secretsManager('two words'), 'has a secretsManager() whose name is neither'],
    [secretsManager('inline:whsec_x'), 'has a secretsManager() whose name is neither'],
    [secretsManager(''), 'has a secretsManager() whose name is neither'],
    [parameterStore('no/slash'), 'has a parameterStore() whose name is not the name'],
    [parameterStore('arn:aws:ssm:eu-west-1:1:parameter/x'), 'has a parameterStore() whose name'],
    [
      secretsManager(stageParameter('wrong')),
      'has a secretsManager() whose name (wrong) is neither',
    ],
    [secretsManager(stageParameter('list')), 'has a secret whose name (list) is not a text'],
    [secretsManager(stageParameter('missing')), 'needs the stage parameter missing'],
    [secretsManager(stageParameter('toString')), 'needs the stage parameter toString'],
  ])('%j is refused', (reference, fault) => {
    const plan = planned(
      { name: 'crm', needs: secretOf(reference) },
      { values: { wrong: 'two words', list: ['x'] } },
    );
    expect(plan.faults).toEqual([expect.stringContaining(`The destination 'crm' ${fault}`)]);
  });
});

describe('a resource of serverless.yml', () => {
  const resources = {
    Shop: { Type: 'AWS::SQS::Queue' },
    Cards: { Type: 'AWS::SNS::Topic' },
  };

  it.each([queue(resource('Shop')), queue('arn:aws:sqs:eu-west-1:111122223333:shop')])(
    'can be %j',
    (need) => {
      expect(planned({ name: 'crm', needs: [need] }, { resources }).faults).toEqual([]);
    },
  );

  it.each<[Need, string]>([
    [
      queue(resource('Shoppe')),
      'needs the AWS::SQS::Queue Shoppe, which serverless.yml does not declare: did you mean Shop?',
    ],
    [
      queue(resource('Cards')),
      'needs the AWS::SQS::Queue Cards, which serverless.yml does not declare: declare it there',
    ],
    [
      { kind: 'bus', variable: 'CRM_BUS_NAME', target: resource('constructor') },
      'needs the AWS::Events::EventBus constructor, which serverless.yml does not declare: declare it there',
    ],
    [
      queue('Shop'),
      "has a queue that is not the ARN of one: give its ARN, or resource('...') for one of serverless.yml",
    ],
    [
      queue('arn:aws:sns:eu-west-1:111122223333:news'),
      "has a queue that is not the ARN of one: give its ARN, or resource('...') for one of serverless.yml",
    ],
  ])('%j is refused', (need, fault) => {
    expect(planned({ name: 'crm', needs: [need] }, { resources }).faults).toEqual([
      `The destination 'crm' ${fault}`,
    ]);
  });
});

describe('the names in AWS', () => {
  it('come from the first name of a destination', () => {
    const plan = planned({ name: 'wallet-pass', formerly: 'my-wallet-2' });
    expect(plan.destinations).toMatchObject([
      { name: 'wallet-pass', queueName: 'relay-prod-to-my-wallet-2', queueId: 'ToMyWallet2Queue' },
    ]);
  });

  it('are refused when the name of a queue is longer than SQS allows', () => {
    const fits = { queuePrefix: `${'x'.repeat(74)}-to-` };
    const tooLong = { queuePrefix: `${'x'.repeat(75)}-to-` };
    expect(planned({ name: 'ab' }, fits).faults).toEqual([]);
    expect(planned({ name: 'ab' }, tooLong).faults).toEqual([
      expect.stringMatching(
        /^The destination 'ab' would have a queue with a name of 81 characters, and SQS allows 80: x+-to-ab\. Shorten its name, the stage or the service$/,
      ),
    ]);
  });

  it('are refused when two destinations would have the same', () => {
    const declarations = [declare({ name: 'a-1' }), declare({ name: 'a1' })];
    expect(planDestinations(declarations, STAGE).faults).toEqual([
      "The destination 'a1' would have the same logical id in CloudFormation as 'a-1': give one of them another name",
    ]);
  });

  it('are refused when serverless.yml has the same', () => {
    const resources = { ToCrmQueue: { Type: 'AWS::SQS::Queue' } };
    expect(planned({ name: 'crm' }, { resources }).faults).toEqual([
      "The destination 'crm' needs the logical id ToCrmQueue, which serverless.yml declares: rename that resource",
    ]);
  });
});
