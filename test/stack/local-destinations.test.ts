import { expect, test } from 'vitest';
import type { Need } from '../../lib/destinations/declaration.ts';
import { resource, stageParameter } from '../../lib/destinations/declaration.ts';
import { describeStack } from '../../lib/local/emulator/stack.ts';
import { localizeDestinations } from '../../lib/stack/local-destinations.ts';
import { fixtureConfiguration } from '../local/support/configuration.ts';
import { planned } from './support/planned.ts';

/** Adds a function fanOut to the fixture's service, and localizes a destination with these needs. */
function localize(...needs: readonly Need[]) {
  const configuration = fixtureConfiguration();
  const environment: { [name: string]: unknown } = {};
  configuration.functions['fanOut'] = { handler: 'functions/fan-out.handler', environment };
  const { destinations } = planned(
    { name: 'crm', needs },
    { isLocal: true, values: { none: '', crmUrl: 'https://crm.example.test' } },
  );
  localizeDestinations(configuration, destinations);
  return { environment, stack: describeStack(configuration) };
}

test("the service's own queues have a URL on this machine", () => {
  expect(
    localize({ variable: 'OUT', kind: 'queue', target: resource('Outbox') }).environment,
  ).toEqual({
    OUT: 'http://127.0.0.1/000000000000/letters-local-outbox',
  });
});

test('queues and topics of other stacks are declared, so that the emulators have them', () => {
  const [orders, news] = [
    'arn:aws:sqs:eu-west-1:111122223333:orders.fifo',
    'arn:aws:sns:eu-west-1:111122223333:news',
  ];
  const { environment, stack } = localize(
    { variable: 'ORDERS', kind: 'queue', target: orders },
    { variable: 'NEWS', kind: 'topic', target: news },
  );
  expect(environment).toEqual({
    ORDERS: 'http://127.0.0.1/000000000000/orders.fifo',
    NEWS: 'arn:aws:sns:eu-west-1:000000000000:news',
  });
  expect(stack.queues.find(({ name }) => name === 'orders.fifo')?.attributes).toEqual({
    FifoQueue: 'true',
  });
  expect(stack.topics.map(({ name }) => name)).toEqual(['news']);
});

test('a bus has an ARN, although there is no emulator for it', () => {
  const bus = 'arn:aws:events:eu-west-1:111122223333:event-bus/shop';
  const { environment } = localize(
    { variable: 'OWN', kind: 'bus', target: resource('Archive') },
    { variable: 'SHOP', kind: 'bus', target: bus },
  );
  expect(environment).toEqual({
    OWN: 'arn:aws:events:eu-west-1:000000000000:event-bus/Archive',
    SHOP: bus,
  });
});

test('secrets are inline, also where the stage has none', () => {
  const { environment } = localize(
    { variable: 'CRM', kind: 'secret', secretName: 'relay/crm', local: 'sandbox-key' },
    { variable: 'MAIL', kind: 'parameter', secretName: '/relay/mail', local: 'whsec_mail' },
    { variable: 'NONE', kind: 'secret', secretName: stageParameter('none'), local: 'whsec_x' },
  );
  expect(environment).toEqual({
    CRM: 'inline:sandbox-key',
    MAIL: 'inline:whsec_mail',
    NONE: 'inline:whsec_x',
  });
});

test('requests go to the local address of the declaration, whatever its address in AWS is', () => {
  const local = 'http://127.0.0.1/mock/crm';
  const address = (variable: string, value: string | { stageParameter: string }): Need => ({
    variable,
    kind: 'address',
    address: value,
    local,
  });
  const { environment } = localize(
    address('LITERAL', 'https://crm.example.test'),
    address('SET', stageParameter('crmUrl')),
    address('EMPTY', stageParameter('none')),
  );
  expect(environment).toEqual({ LITERAL: local, SET: local, EMPTY: local });
});
