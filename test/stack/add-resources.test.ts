import { expect, it } from 'vitest';
import { joinResources } from '../../lib/stack/add-resources.ts';

const QUEUE = { Type: 'AWS::SQS::Queue' };

function createConfiguration(own: object | null) {
  return {
    custom: {
      relay: {
        resources: [
          { Resources: { RecordsQueue: QUEUE }, Outputs: { WebhookEndpoint: { Value: 'url' } } },
          // what a stage parameter leaves out
          null,
          { Resources: { AlarmTopic: { Type: 'AWS::SNS::Topic' } } },
        ],
      },
    },
    resources: own,
  };
}

it('the resources of a project are joined with those that every project has', () => {
  const configuration = createConfiguration({ Resources: { OrdersQueue: QUEUE } });
  expect(joinResources(configuration)).toEqual({
    Resources: {
      RecordsQueue: QUEUE,
      AlarmTopic: { Type: 'AWS::SNS::Topic' },
      OrdersQueue: QUEUE,
    },
    Outputs: { WebhookEndpoint: { Value: 'url' } },
    extensions: {},
  });
  // printed twice, they would be references to each other
  expect(configuration.custom.relay.resources).toEqual([]);
});

it('a project needs none of its own', () => {
  expect(Object.keys(joinResources(createConfiguration(null))?.Resources ?? {})).toEqual([
    'RecordsQueue',
    'AlarmTopic',
  ]);
});

it('a resource or an output whose name is taken is refused by its name', () => {
  const configuration = createConfiguration({
    Resources: { RecordsQueue: QUEUE },
    Outputs: { WebhookEndpoint: { Value: 'other' } },
  });
  expect(() => joinResources(configuration)).toThrow(
    'serverless.yml declares what voucher-relay has itself: resources.Resources.RecordsQueue, resources.Outputs.WebhookEndpoint. Give it another name.',
  );
});
