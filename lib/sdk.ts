/**
 * The door for your own files: functions/destinations.ts, functions/mappings.ts, and every file in
 * functions/ that they import. These files import this module and nothing else of lib/; `npm run check`
 * rejects other imports.
 *
 * The promise: a release never removes a name from this module and never changes its type in a way
 * that breaks your code, unless the major version changes. Options and names can be added. The rest of
 * lib/ may change in any release. test/sdk/surface.ts spells out all that is promised.
 *
 * Only what you import from here is deployed: the bundler leaves the rest out, with its AWS clients.
 */

// The list of destinations, and the four kinds of them.
export { defineDestinations } from './destinations/define-destinations.ts';
export { http } from './destinations/http.ts';
export { sqs } from './destinations/sqs.ts';
export { sns } from './destinations/sns.ts';
export { eventbridge } from './destinations/eventbridge.ts';

// Ready-made destinations of the kind http, for the APIs of others.
export { braze } from './destinations/ready-made/braze.ts';
export { klaviyo } from './destinations/ready-made/klaviyo.ts';
export { klaviyoBulk } from './destinations/ready-made/klaviyo-bulk.ts';
export { snowflake } from './destinations/ready-made/snowflake.ts';
export { twilio } from './destinations/ready-made/twilio.ts';

// What differs from stage to stage, and what serverless.yml declares.
export { resource, stageParameter } from './destinations/declaration.ts';

// Secrets, in one of two stores.
export { secretsManager } from './destinations/secrets-manager.ts';
export { parameterStore } from './destinations/parameter-store.ts';

// What an HTTP request is made of.
export {
  basic,
  bearer,
  form,
  json,
  omitNulls,
  undeliverable,
} from './destinations/http-request.ts';

// What an HTTP response means.
export { delivered, rejected, retryLater } from './destinations/response-outcome.ts';

// What a record says about its code.
export { redeemableCode } from './record/redeemable-code.ts';

// Payloads that you shaped in Voucherify's payload designer.
export { ChosenFieldsSchema, defineMappings } from './normalise/mapping.ts';

export type { AwsDestinationOptions } from './destinations/aws-destination.ts';
export type {
  DestinationDeclaration,
  ResourceReference,
  StageParameter,
} from './destinations/declaration.ts';
export type { DestinationOptions } from './destinations/destination.ts';
export type { EventBridgeDestinationOptions } from './destinations/eventbridge.ts';
export type { HttpRequest, RequestBody, Undeliverable } from './destinations/http-request.ts';
export type { HttpDestinationOptions } from './destinations/http.ts';
export type { BrazeEvent, BrazeOptions } from './destinations/ready-made/braze.ts';
export type { KlaviyoOptions } from './destinations/ready-made/klaviyo.ts';
export type { KlaviyoBulkOptions } from './destinations/ready-made/klaviyo-bulk.ts';
export type { ReadyMadeBatchOptions, ReadyMadeOptions } from './destinations/ready-made/options.ts';
export type { SnowflakeOptions } from './destinations/ready-made/snowflake.ts';
export type { TwilioOptions } from './destinations/ready-made/twilio.ts';
export type { ReceiverResponse, ResponseOutcome } from './destinations/response-outcome.ts';
export type { SecretOptions, SecretReference } from './destinations/secret.ts';
export type { SnsDestinationOptions } from './destinations/sns.ts';
export type { SqsDestinationOptions } from './destinations/sqs.ts';
export type { MappingOutput } from './normalise/mapping.ts';
export type { RelayRecord } from './record/record.ts';
