import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Destination, DestinationPolicy } from './destination.ts';

/** The value of a stage parameter of serverless.yml. */
export interface StageParameter {
  readonly stageParameter: string;
}

/** A resource that serverless.yml declares, by its logical id. */
export interface ResourceReference {
  readonly resource: string;
}

/** A queue, topic or bus: its ARN, the stage parameter that holds it, or a resource of serverless.yml. */
export type Target = string | StageParameter | ResourceReference;

/** Names a stage parameter of serverless.yml, whose value differs from stage to stage. */
export function stageParameter(name: string): StageParameter {
  return { stageParameter: name };
}

/** Names a resource under `resources` in serverless.yml, by its logical id. */
export function resource(logicalId: string): ResourceReference {
  return { resource: logicalId };
}

/** What a destination needs from its stage: each becomes one environment variable of fanOut, and one right. */
export type Need = {
  /** The name of the environment variable, for example `KLAVIYO_SECRET`. */
  readonly variable: string;
} & (
  | { readonly kind: 'address'; readonly address: string | StageParameter; readonly local: string }
  | { readonly kind: 'queue' | 'topic' | 'bus'; readonly target: Target }
  | {
      readonly kind: 'secret' | 'parameter';
      /** The name or ARN in its store. `{stage}` in it is replaced by the name of the stage. */
      readonly secretName: string | StageParameter;
      /** The secret itself, for the stage local. */
      readonly local: string;
    }
);

/** What a destination gets when the function starts. */
export interface Runtime {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The function's own client of SQS. */
  readonly sqs: SQSClient;
}

/** Whether the stage does without a resource: the stage parameter with its ARN is empty. */
export function isLeftOut(target: Target, value: string | undefined): boolean {
  return typeof target !== 'string' && 'stageParameter' in target && (value ?? '') === '';
}

/**
 * A destination as a merchant declares it: one object for packaging, which makes its queue, its rights
 * and its alarms of it, and for the running function. It reads nothing until `create` is called.
 */
export interface DestinationDeclaration extends DestinationPolicy {
  readonly kind: 'http' | 'sqs' | 'sns' | 'eventbridge';
  readonly needs: readonly Need[];
  /** What is wrong with its options, after its name. */
  readonly faults?: readonly string[];
  /** Creates the destination; null when a stage parameter that it needs is empty in this stage. */
  readonly create: (runtime: Runtime) => Destination | null;
}
