import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type * as v from 'valibot';
import type * as Sdk from '../../lib/sdk.ts';

// All that lib/sdk.ts promises to merchants' files, spelled out a second time and independently of
// lib/. `npm run check` and test/sdk/surface.test.ts fail when one of the two differs. Change this file
// only on purpose: what is removed or narrowed here breaks merchants' code and needs a new major
// version; what is added here needs an entry in the changelog.
//
// A record's fields are promised by docs/record.schema.json, so `RelayRecord` is only named here. So
// are the schemas of Voucherify's objects behind `MappingOutput`, and `Destination`: merchants get one
// from http(), sqs(), sns() or eventbridge() and pass it on.

type RelayRecord = Sdk.RelayRecord;
type Destination = Sdk.Destination;

interface PromisedTypes {
  DestinationOptions: PromisedDestinationOptions;
  HttpDestinationOptions: PromisedHttpOptions;
  AwsDestinationOptions: PromisedAwsOptions;
  SqsDestinationOptions: PromisedSqsOptions;
  SnsDestinationOptions: PromisedSnsOptions;
  EventBridgeDestinationOptions: PromisedEventBridgeOptions;
  HttpRequest: PromisedHttpRequest;
  RequestBody: PromisedRequestBody;
  ReceiverResponse: PromisedResponse;
  ResponseOutcome: Sdk.ResponseOutcome;
  Undeliverable: Sdk.Undeliverable;
  Secret: PromisedSecret;
  Destination: Destination;
  MappingOutput: Sdk.MappingOutput;
  RelayRecord: RelayRecord;
}

interface PromisedValues {
  http: (options: PromisedHttpOptions) => Destination;
  sqs: (options: PromisedSqsOptions) => Destination;
  sns: (options: PromisedSnsOptions) => Destination;
  eventbridge: (options: PromisedEventBridgeOptions) => Destination;
  createSqsClient: () => SQSClient;
  createSnsClient: () => SNSClient;
  createEventBridgeClient: () => EventBridgeClient;

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

  createSecretResolver: (
    createFetcher: () => (name: string) => Promise<string>,
    now?: () => Date,
  ) => (nameOrValue: string) => PromisedSecret;
  secretsManager: () => (name: string) => Promise<string>;
  parameterStore: () => (name: string) => Promise<string>;

  ifConfigured: <Value>(
    value: Value | null,
    create: (value: Value) => Destination,
  ) => Destination[];
  defineMappings: (schemas: {
    readonly [name: string]: v.GenericSchema<unknown, Sdk.MappingOutput>;
  }) => ReturnType<typeof Sdk.defineMappings>;
  ChosenFieldsSchema: v.GenericSchema<unknown, Sdk.MappingOutput>;
  stringWithDefault: (fallback: string) => v.GenericSchema<string | undefined, string>;
}

/** What the schema of each setting takes and gives; of which parts it is made may change. */
interface PromisedSettings {
  DestinationUrlSchema: v.GenericSchema<string | undefined, string | null>;
  OptionalStringSchema: v.GenericSchema<string | undefined, string | null>;
  OptionalUrlSchema: v.GenericSchema<string | undefined, string | null>;
  RequiredStringSchema: v.GenericSchema<string, string>;
  RequiredUrlSchema: v.GenericSchema<string, string>;
}

interface PromisedDestinationOptions {
  readonly name: string;
  readonly accepts?: (record: RelayRecord) => boolean;
  readonly deduplicateBy?: (record: RelayRecord) => string | null;
  readonly acceptsTestEvents?: boolean;
  readonly timeoutMs?: number;
  readonly concurrency?: number;
}

interface PromisedHttpOptions extends PromisedDestinationOptions {
  readonly url: string;
  readonly allowInsecureHttp?: true;
  readonly secret?: PromisedSecret;
  readonly signingSecrets?: PromisedSecret | null;
  readonly headers?: PromisedHeaders | ((secret: string) => PromisedHeaders);
  readonly request?: (
    record: RelayRecord,
    secret: string,
  ) => PromisedHttpRequest | Sdk.Undeliverable;
  readonly outcome?: (response: PromisedResponse) => Sdk.ResponseOutcome | undefined;
  readonly contentMode?: 'json' | 'structured' | 'binary';
  readonly includeUnmapped?: boolean;
  readonly onNoResponse?: 'retry' | 'dead-letter';
}

interface PromisedAwsOptions extends PromisedDestinationOptions {
  readonly request?: (record: RelayRecord) => PromisedRequestBody | Sdk.Undeliverable;
}

interface PromisedSqsOptions extends PromisedAwsOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

interface PromisedSnsOptions extends PromisedAwsOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

interface PromisedEventBridgeOptions extends PromisedAwsOptions {
  readonly client: EventBridgeClient;
  readonly busName: string;
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

type PromisedSecret = (freshness?: 'newest') => Promise<string>;

interface ActualTypes {
  DestinationOptions: Sdk.DestinationOptions;
  HttpDestinationOptions: Sdk.HttpDestinationOptions;
  AwsDestinationOptions: Sdk.AwsDestinationOptions;
  SqsDestinationOptions: Sdk.SqsDestinationOptions;
  SnsDestinationOptions: Sdk.SnsDestinationOptions;
  EventBridgeDestinationOptions: Sdk.EventBridgeDestinationOptions;
  HttpRequest: Sdk.HttpRequest;
  RequestBody: Sdk.RequestBody;
  ReceiverResponse: Sdk.ReceiverResponse;
  ResponseOutcome: Sdk.ResponseOutcome;
  Undeliverable: Sdk.Undeliverable;
  Secret: Sdk.Secret;
  Destination: Sdk.Destination;
  MappingOutput: Sdk.MappingOutput;
  RelayRecord: Sdk.RelayRecord;
}

/** The settings' schemas by what they take and give. */
type ActualSettings = {
  [Name in keyof PromisedSettings]: v.GenericSchema<
    v.InferInput<(typeof Sdk)[Name]>,
    v.InferOutput<(typeof Sdk)[Name]>
  >;
};

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
  ExpectNone<Differing<PromisedValues, Omit<typeof Sdk, keyof PromisedSettings>>>,
  ExpectNone<Differing<PromisedSettings, ActualSettings>>,
  ExpectNone<Differing<PromisedTypes, ActualTypes>>,
];

/** Every name that lib/sdk.ts exports at run time; the compiler demands each of them. */
export const EXPORTS: { readonly [Name in keyof (PromisedValues & PromisedSettings)]: true } = {
  ChosenFieldsSchema: true,
  DestinationUrlSchema: true,
  OptionalStringSchema: true,
  OptionalUrlSchema: true,
  RequiredStringSchema: true,
  RequiredUrlSchema: true,
  basic: true,
  bearer: true,
  createEventBridgeClient: true,
  createSecretResolver: true,
  createSnsClient: true,
  createSqsClient: true,
  defineMappings: true,
  delivered: true,
  eventbridge: true,
  form: true,
  http: true,
  ifConfigured: true,
  json: true,
  omitNulls: true,
  parameterStore: true,
  redeemableCode: true,
  rejected: true,
  retryLater: true,
  secretsManager: true,
  sns: true,
  sqs: true,
  stringWithDefault: true,
  undeliverable: true,
};
