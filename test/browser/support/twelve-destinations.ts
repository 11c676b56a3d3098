import {
  bearer,
  defineDestinations,
  eventbridge,
  http,
  json,
  parameterStore,
  resource,
  sns,
  sqs,
} from 'voucher-relay';

// Copied over functions/destinations.ts by the tests of the console: every kind of destination, twelve in
// all. RECEIVER is replaced by the address of a receiver that the test starts.

const example = (name: string) => http({ name, url: `https://${name}.example.com/hook` });

export const destinations = defineDestinations([
  sqs({ name: 'consumers', queue: resource('ConsumersQueue') }),
  http({
    name: 'http',
    url: 'https://http.example.com/hook',
    limit: { perSecond: 75, perMinute: 700 },
  }),
  http({
    name: 'bulk',
    url: 'https://bulk.example.com/import',
    batch: { size: 100, windowSeconds: 1 },
    requestMany: (records) => ({
      body: json({ profiles: records.map(({ id, data }) => ({ id, who: data.customer?.email })) }),
    }),
  }),
  http({
    name: 'sandbox',
    url: 'https://sandbox.example.com/v1',
    local: { url: 'RECEIVER' },
    secret: parameterStore('/voucher-relay/{stage}/sandbox', { local: 'sandbox-key' }),
    headers: (key) => ({ authorization: bearer(key) }),
    request: ({ data }) => ({
      path: '/contacts',
      body: json({ contact: { email: data.customer?.email ?? null } }),
    }),
  }),
  sqs({ name: 'orders', queue: 'arn:aws:sqs:eu-west-1:111122223333:orders' }),
  sqs({ name: 'ledger', queue: 'arn:aws:sqs:eu-west-1:111122223333:ledger.fifo' }),
  sns({ name: 'cards', topic: 'arn:aws:sns:eu-west-1:111122223333:cards' }),
  eventbridge({ name: 'shop', bus: 'arn:aws:events:eu-west-1:111122223333:event-bus/shop' }),
  example('crm'),
  example('warehouse'),
  example('wallet-passes-of-the-mobile-app'),
  example('sms'),
]);
