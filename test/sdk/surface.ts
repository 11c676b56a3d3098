import type * as v from 'valibot';
import type * as Sdk from '../../lib/sdk.ts';

// All that lib/sdk.ts promises to merchants' files, spelled out a second time and independently of
// lib/. `npm run check` and test/sdk/surface.test.ts fail when one of the two differs. Change this file
// only on purpose: what is removed or narrowed here breaks merchants' code and needs a new major
// version; what is added here needs an entry in the changelog.
//
// A record's fields are promised by docs/record.schema.json, so `RelayRecord` is only named here. So
// are the schemas of Voucherify's objects behind `MappingOutput`, and `DestinationDeclaration` and
// `SecretReference`: merchants get them from http() or secretsManager(), for example, and pass them on.

type RelayRecord = Sdk.RelayRecord;
type DestinationDeclaration = Sdk.DestinationDeclaration;
type SecretReference = Sdk.SecretReference;

interface PromisedTypes {
  DestinationOptions: PromisedDestinationOptions;
  HttpDestinationOptions: PromisedHttpOptions;
  AwsDestinationOptions: PromisedAwsOptions;
  SqsDestinationOptions: PromisedSqsOptions;
  SnsDestinationOptions: PromisedSnsOptions;
  EventBridgeDestinationOptions: PromisedEventBridgeOptions;
  ReadyMadeOptions: PromisedReadyMadeOptions;
  ReadyMadeBatchOptions: PromisedReadyMadeBatchOptions;
  KlaviyoOptions: PromisedKlaviyoOptions;
  KlaviyoBulkOptions: PromisedKlaviyoBulkOptions;
  BrazeOptions: PromisedBrazeOptions;
  BrazeEvent: PromisedBrazeEvent;
  TwilioOptions: PromisedTwilioOptions;
  SnowflakeOptions: PromisedSnowflakeOptions;
  HttpRequest: PromisedHttpRequest;
  RequestBody: PromisedRequestBody;
  ReceiverResponse: PromisedResponse;
  ResponseOutcome: Sdk.ResponseOutcome;
  Undeliverable: Sdk.Undeliverable;
  SecretOptions: PromisedSecretOptions;
  SecretReference: SecretReference;
  StageParameter: PromisedStageParameter;
  ResourceReference: PromisedResourceReference;
  DestinationDeclaration: DestinationDeclaration;
  MappingOutput: Sdk.MappingOutput;
  RelayRecord: RelayRecord;
}

interface PromisedValues {
  defineDestinations: (
    declarations: readonly DestinationDeclaration[],
  ) => readonly DestinationDeclaration[];
  http: (options: PromisedHttpOptions) => DestinationDeclaration;
  sqs: (options: PromisedSqsOptions) => DestinationDeclaration;
  sns: (options: PromisedSnsOptions) => DestinationDeclaration;
  eventbridge: (options: PromisedEventBridgeOptions) => DestinationDeclaration;

  braze: (options: PromisedBrazeOptions) => DestinationDeclaration;
  klaviyo: (options: PromisedKlaviyoOptions) => DestinationDeclaration;
  klaviyoBulk: (options: PromisedKlaviyoBulkOptions) => DestinationDeclaration;
  snowflake: (options: PromisedSnowflakeOptions) => DestinationDeclaration;
  twilio: (options: PromisedTwilioOptions) => DestinationDeclaration;

  stageParameter: (name: string) => PromisedStageParameter;
  resource: (logicalId: string) => PromisedResourceReference;
  secretsManager: PromisedStore;
  parameterStore: PromisedStore;

  json: (value: unknown) => PromisedRequestBody;
  form: (fields: { readonly [name: string]: string | number | null }) => PromisedRequestBody;
  basic: (user: string, password: string) => string;
  bearer: (token: string) => string;
  omitNulls: <Value>(object: { readonly [key: string]: Value }) => {
    [key: string]: NonNullable<Value>;
  };
  undeliverable: (reason: string) => Sdk.Undeliverable;
  delivered: () => Sdk.ResponseOutcome;
  retryLater: (options?: {
    readonly afterSeconds?: number;
    readonly countsAsAttempt?: boolean;
  }) => Sdk.ResponseOutcome;
  rejected: (reason: string) => Sdk.ResponseOutcome;
  redeemableCode: (record: RelayRecord) => string | null;

  defineMappings: (schemas: {
    readonly [name: string]: v.GenericSchema<unknown, Sdk.MappingOutput>;
  }) => ReturnType<typeof Sdk.defineMappings>;
  ChosenFieldsSchema: v.GenericSchema<unknown, Sdk.MappingOutput>;
}

type PromisedStore = (
  name: string | PromisedStageParameter,
  options?: PromisedSecretOptions,
) => SecretReference;

interface PromisedDestinationOptions {
  readonly name: string;
  readonly formerly?: string;
  readonly retired?: boolean;
  readonly sharedByStages?: boolean;
  readonly accepts?: (record: RelayRecord) => boolean;
  readonly deduplicateBy?: (record: RelayRecord) => string | null;
  readonly acceptsTestEvents?: boolean;
  readonly timeoutMs?: number;
  readonly limit?: {
    readonly perSecond?: number | null;
    readonly perMinute?: number | null;
    readonly concurrency?: number | null;
  };
}

interface PromisedHttpOptions extends PromisedDestinationOptions {
  readonly url: string | PromisedStageParameter;
  readonly local?: { readonly url: string };
  readonly secret?: SecretReference;
  readonly signingSecrets?: SecretReference;
  readonly allowInsecureHttp?: true;
  readonly headers?: PromisedHeaders | ((secret: string) => PromisedHeaders);
  readonly request?: (
    record: RelayRecord,
    secret: string,
  ) => PromisedHttpRequest | Sdk.Undeliverable;
  readonly batch?: { readonly size: number; readonly windowSeconds: number };
  readonly requestMany?: (
    records: readonly RelayRecord[],
    secret: string,
  ) => PromisedHttpRequest | Sdk.Undeliverable;
  readonly undeliverableReason?: (record: RelayRecord) => string | null;
  readonly outcomes?: (
    response: PromisedResponse,
    records: readonly RelayRecord[],
  ) =>
    | readonly (Sdk.ResponseOutcome | undefined)[]
    | ReadonlyMap<string, Sdk.ResponseOutcome | undefined>
    | undefined;
  readonly outcome?: (response: PromisedResponse) => Sdk.ResponseOutcome | undefined;
  readonly contentMode?: 'json' | 'structured' | 'binary';
  readonly includeUnmapped?: boolean;
  readonly onNoResponse?: 'retry' | 'dead-letter';
}

interface PromisedReadyMadeOptions extends Partial<PromisedDestinationOptions> {
  readonly secret: SecretReference;
  readonly local?: { readonly url: string };
  readonly onNoResponse?: 'retry' | 'dead-letter';
}

interface PromisedReadyMadeBatchOptions extends PromisedReadyMadeOptions {
  readonly batch?: { readonly size: number; readonly windowSeconds: number };
}

interface PromisedFields {
  readonly [name: string]: string | number | boolean | null;
}

interface PromisedKlaviyoOptions extends PromisedReadyMadeOptions {
  readonly properties: (record: RelayRecord) => PromisedFields;
}

interface PromisedKlaviyoBulkOptions extends PromisedReadyMadeBatchOptions {
  readonly properties: (record: RelayRecord) => PromisedFields;
  readonly insteadOfNull?: string;
}

interface PromisedBrazeOptions extends PromisedReadyMadeBatchOptions {
  readonly url: string | PromisedStageParameter;
  readonly attributes: (record: RelayRecord) => PromisedFields;
  readonly event?: (record: RelayRecord) => PromisedBrazeEvent | null;
}

interface PromisedBrazeEvent {
  readonly name: string;
  readonly properties?: PromisedFields;
}

interface PromisedTwilioOptions extends PromisedReadyMadeOptions {
  readonly accountSid: string;
  readonly from: string;
  readonly message: (record: RelayRecord) => string;
}

interface PromisedSnowflakeOptions extends PromisedReadyMadeBatchOptions {
  readonly url: string | PromisedStageParameter;
  readonly database: string;
  readonly schema: string;
  readonly warehouse: string;
  readonly role?: string;
  readonly table: string;
  readonly row: (record: RelayRecord) => { readonly [key: string]: unknown };
}

interface PromisedAwsOptions extends PromisedDestinationOptions {
  readonly request?: (record: RelayRecord) => PromisedRequestBody | Sdk.Undeliverable;
}

interface PromisedSqsOptions extends PromisedAwsOptions {
  readonly queue: string | PromisedResourceReference | PromisedStageParameter;
}

interface PromisedSnsOptions extends PromisedAwsOptions {
  readonly topic: string | PromisedResourceReference | PromisedStageParameter;
}

interface PromisedEventBridgeOptions extends PromisedAwsOptions {
  readonly bus: string | PromisedResourceReference | PromisedStageParameter;
}

interface PromisedHttpRequest {
  readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET';
  readonly path?: string;
  readonly headers?: PromisedHeaders;
  readonly body?: PromisedRequestBody;
}

interface PromisedRequestBody {
  readonly type: string;
  readonly text: string;
}

interface PromisedResponse {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
  readonly json: unknown;
}

interface PromisedHeaders {
  readonly [name: string]: string;
}

interface PromisedSecretOptions {
  readonly local?: string;
}

interface PromisedStageParameter {
  readonly stageParameter: string;
}

interface PromisedResourceReference {
  readonly resource: string;
}

interface ActualTypes {
  DestinationOptions: Sdk.DestinationOptions;
  HttpDestinationOptions: Sdk.HttpDestinationOptions;
  AwsDestinationOptions: Sdk.AwsDestinationOptions;
  SqsDestinationOptions: Sdk.SqsDestinationOptions;
  SnsDestinationOptions: Sdk.SnsDestinationOptions;
  EventBridgeDestinationOptions: Sdk.EventBridgeDestinationOptions;
  ReadyMadeOptions: Sdk.ReadyMadeOptions;
  ReadyMadeBatchOptions: Sdk.ReadyMadeBatchOptions;
  KlaviyoOptions: Sdk.KlaviyoOptions;
  KlaviyoBulkOptions: Sdk.KlaviyoBulkOptions;
  BrazeOptions: Sdk.BrazeOptions;
  BrazeEvent: Sdk.BrazeEvent;
  TwilioOptions: Sdk.TwilioOptions;
  SnowflakeOptions: Sdk.SnowflakeOptions;
  HttpRequest: Sdk.HttpRequest;
  RequestBody: Sdk.RequestBody;
  ReceiverResponse: Sdk.ReceiverResponse;
  ResponseOutcome: Sdk.ResponseOutcome;
  Undeliverable: Sdk.Undeliverable;
  SecretOptions: Sdk.SecretOptions;
  SecretReference: Sdk.SecretReference;
  StageParameter: Sdk.StageParameter;
  ResourceReference: Sdk.ResourceReference;
  DestinationDeclaration: Sdk.DestinationDeclaration;
  MappingOutput: Sdk.MappingOutput;
  RelayRecord: Sdk.RelayRecord;
}

/**
 * The names of members that only one side has, or that have another type on the two sides, down to
 * `readonly` and `?`. TypeScript compares the conditional types of two generic functions by identity;
 * with an alias for them it would only ask whether each type can be assigned to the other.
 */
type Differing<Promised, Actual> = {
  [Name in keyof Promised | keyof Actual]: Name extends keyof Promised & keyof Actual
    ? // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the comparison needs it
      (<T>() => T extends Promised[Name] ? 1 : 2) extends <
        // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the comparison needs it
        T,
      >() => T extends Actual[Name] ? 1 : 2
      ? never
      : Name
    : Name;
}[keyof Promised | keyof Actual];

/** Compiles only when there are no names; the compiler's error shows the name that differs. */
type ExpectNone<Names extends never> = Names;

export type Differences = [
  ExpectNone<Differing<PromisedValues, typeof Sdk>>,
  ExpectNone<Differing<PromisedTypes, ActualTypes>>,
];

/** Every name that lib/sdk.ts exports at run time; the compiler demands each of them. */
export const EXPORTS: { readonly [Name in keyof PromisedValues]: true } = {
  ChosenFieldsSchema: true,
  basic: true,
  bearer: true,
  braze: true,
  defineDestinations: true,
  defineMappings: true,
  delivered: true,
  eventbridge: true,
  form: true,
  http: true,
  json: true,
  klaviyo: true,
  klaviyoBulk: true,
  omitNulls: true,
  parameterStore: true,
  redeemableCode: true,
  rejected: true,
  resource: true,
  retryLater: true,
  secretsManager: true,
  snowflake: true,
  sns: true,
  sqs: true,
  stageParameter: true,
  twilio: true,
  undeliverable: true,
};
