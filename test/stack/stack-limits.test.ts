import { describe, expect, it } from 'vitest';
import {
  findEnvironmentFaults,
  findPolicyFaults,
  findResourceFaults,
} from '../../lib/stack/stack-limits.ts';

const configure = (environment: object, Statement: readonly unknown[] = []) => ({
  provider: { region: 'eu-west-1', environment: { LEVEL: 'INFO' } },
  functions: { fanOut: { environment }, receive: {} },
  resources: {
    Resources: {
      Out: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'relay-prod-out' } },
      FanOutRole: {
        Type: 'AWS::IAM::Role',
        Properties: { Policies: [{ PolicyDocument: { Statement } }] },
      },
    },
  },
});

describe('the variables of a function', () => {
  // {"LEVEL":"INFO","A":"..."} has 23 bytes around the value
  it.each([
    [4_073, []],
    [
      4_074,
      [
        expect.stringMatching(
          /^The environment variables of the function fanOut have 4097 bytes, and Lambda accepts 4096\. Shorten /,
        ),
      ],
    ],
  ])('with a value of %i bytes fit 4 KB or are refused', (length, faults) => {
    expect(findEnvironmentFaults(configure({ A: 'x'.repeat(length) }))).toEqual(faults);
  });

  it('are measured with the values that they have after the deploy', () => {
    const urls = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`VARIABLE_${index}`, { Ref: 'Out' }]),
    );
    expect(findEnvironmentFaults(configure(urls))).toHaveLength(1);
  });
});

describe('the policies of a role', () => {
  const statements = (count: number) =>
    Array.from({ length: count }, () => ({ Resource: { 'Fn::GetAtt': ['Out', 'Arn'] } }));
  // {"Resource":"arn:aws:sqs:eu-west-1:000000000000:relay-prod-out"} has 64 characters
  it.each([
    [156, []],
    [
      158,
      [
        expect.stringMatching(
          /^The inline policies of FanOutRole have 102\d\d characters, and IAM accepts 10240\. /,
        ),
      ],
    ],
  ])('with %i statements fit 10,240 characters or are refused', (count, faults) => {
    expect(findPolicyFaults(configure({}, statements(count)))).toEqual(faults);
  });
});

describe('the resources of a stack', () => {
  it('are at most 500', () => {
    expect(findResourceFaults(500)).toEqual([]);
    expect(findResourceFaults(501)).toEqual([
      expect.stringContaining('The stack has 501 resources, and CloudFormation accepts 500.'),
    ]);
  });
});
