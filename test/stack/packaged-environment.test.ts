import { expect, it } from 'vitest';
import { toPackagedEnvironment } from '../../lib/stack/packaged-environment.ts';

const RESOURCES = {
  Orders: { Type: 'AWS::SQS::Queue' },
  News: { Type: 'AWS::SNS::Topic' },
  Shop: { Type: 'AWS::Events::EventBus' },
  Keys: { Type: 'AWS::DynamoDB::Table' },
};

it.each<[unknown, string]>([
  ['text', 'text'],
  ['', ''],
  [7, '7'],
  [false, 'false'],
  [{ Ref: 'Orders' }, 'https://sqs.eu-west-1.amazonaws.com/000000000000/Orders'],
  [{ Ref: 'News' }, 'arn:aws:sns:eu-west-1:000000000000:News'],
  [{ Ref: 'Keys' }, 'Keys'],
  [{ Ref: 'Unknown' }, 'Unknown'],
  [{ 'Fn::GetAtt': ['Orders', 'Arn'] }, 'arn:aws:sqs:eu-west-1:000000000000:Orders'],
  [{ 'Fn::GetAtt': ['Shop', 'Arn'] }, 'arn:aws:events:eu-west-1:000000000000:event-bus/Shop'],
  [{ 'Fn::GetAtt': ['Orders', 'QueueName'] }, 'Orders-QueueName'],
  [
    { 'Fn::Sub': 'https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/${Keys}' },
    'https://sqs.eu-west-1.amazonaws.com/000000000000/Keys',
  ],
  [
    { 'Fn::Sub': 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:shop' },
    'arn:aws:sqs:eu-west-1:000000000000:shop',
  ],
  [{ 'Fn::ImportValue': 'x' }, 'known-after-deploy'],
])('the variable %j has a value of the form that it will have', (value, text) => {
  expect(toPackagedEnvironment({ NAME: value }, RESOURCES, 'eu-west-1')).toEqual({ NAME: text });
});

it('a variable without a value is left out', () => {
  expect(toPackagedEnvironment({ NAME: null }, RESOURCES, 'eu-west-1')).toEqual({});
});
