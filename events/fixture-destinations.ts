import {
  defineDestinations,
  http,
  resource,
  secretsManager,
  sqs,
  stageParameter,
} from 'voucher-relay';

// The destinations that the samples in this folder expect. The demo and the project's own tests use them
// in place of functions/destinations.ts, by the condition `fixture` of package.json's imports, so that
// they stay green whatever you list there. Your own destinations belong in functions/destinations.ts.

/** The queue `consumers` and, when it has an address, the HTTP endpoint `http`. */
export const destinations = defineDestinations([
  sqs({ name: 'consumers', queue: resource('ConsumersQueue') }),
  http({
    name: 'http',
    url: stageParameter('httpDestinationUrl'),
    signingSecrets: secretsManager(stageParameter('httpDestinationSecretName')),
  }),
]);
