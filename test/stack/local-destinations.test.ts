import { expect, test } from 'vitest';
import { localizeDestinations } from '../../lib/stack/local-destinations.ts';
import { describeStack } from '../../lib/local/emulator/stack.ts';
import type { DestinationEntries } from '../../lib/stack/destination-grants.ts';
import { fixtureConfiguration } from '../local/support/configuration.ts';

/** Adds a function fanOut to the fixture's service, and localizes its destinations. */
function localize(entries: DestinationEntries) {
  const configuration = fixtureConfiguration();
  const environment: { [name: string]: unknown } = {};
  configuration.functions['fanOut'] = { handler: 'functions/fan-out.handler', environment };
  localizeDestinations(configuration, entries);
  return { environment, stack: describeStack(configuration) };
}

test("the service's own queues have a URL on this machine", () => {
  expect(localize({ OUT: { queue: 'Outbox' } }).environment).toEqual({
    OUT: 'http://127.0.0.1/000000000000/letters-local-outbox',
  });
});

test('queues and topics of other stacks are declared, so that the emulators have them', () => {
  const { environment, stack } = localize({
    ORDERS: { queue: 'arn:aws:sqs:eu-west-1:111122223333:orders.fifo' },
    NEWS: { topic: 'arn:aws:sns:eu-west-1:111122223333:news' },
  });
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
  expect(localize({ OWN: { bus: 'Archive' }, SHOP: { bus } }).environment).toEqual({
    OWN: 'arn:aws:events:eu-west-1:000000000000:event-bus/Archive',
    SHOP: bus,
  });
});

test('secrets are inline: the declared one, or one that works for signing', () => {
  const { environment } = localize({
    CRM: { secret: 'relay/crm', local: 'sandbox-key' },
    MAIL: { parameter: '/relay/mail' },
    NONE: { secret: '' },
  });
  expect(environment['CRM']).toBe('inline:sandbox-key');
  for (const name of ['MAIL', 'NONE']) expect(environment[name]).toMatch(/^inline:whsec_\w{32}$/);
});
