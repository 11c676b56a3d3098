import { http as httpDestination, secretsManager, stageParameter } from 'voucher-relay';

/**
 * Any HTTP endpoint, in stages where the parameter httpDestinationUrl is set. It gets every record as a
 * CloudEvent, signed by the Standard Webhooks specification when httpDestinationSecretName names a secret.
 */
export const http = httpDestination({
  name: 'http',
  url: stageParameter('httpDestinationUrl'),
  signingSecrets: secretsManager(stageParameter('httpDestinationSecretName')),
});
