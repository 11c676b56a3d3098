import type { ResourceReference } from '../destinations/declaration.ts';

/** What a destination needs, with the values that its stage parameters have in the stage. */
export type ResolvedNeed = {
  readonly variable: string;
} & (
  | {
      readonly kind: 'address';
      /** Null for an address that the code of the function has: it needs no variable. */
      readonly address: unknown;
      readonly local: string;
    }
  | {
      readonly kind: 'queue' | 'topic' | 'bus';
      /** Empty for none. */
      readonly target: string | ResourceReference;
    }
  | {
      readonly kind: 'secret' | 'parameter';
      /** Empty for none. */
      readonly secretName: string;
      readonly local: string;
    }
);

/** What a need adds to fanOut: the value of its environment variable, and one permission. */
export interface Grant {
  /** Null when no variable is needed. */
  readonly value: unknown;
  /** Null when no permission is needed. */
  readonly permission: { readonly action: string; readonly resource: unknown } | null;
}

/** Converts a need to CloudFormation: the value of the variable, and what the role allows. */
export function toGrant(need: ResolvedNeed): Grant {
  switch (need.kind) {
    case 'address':
      return { value: need.address, permission: null };
    case 'queue': {
      const { target } = need;
      const value = typeof target === 'string' ? toQueueUrl(target) : { Ref: target.resource };
      return allow('sqs:SendMessage', toArn(target), value);
    }
    case 'topic': {
      const { target } = need;
      const arn = typeof target === 'string' ? target : { Ref: target.resource };
      return allow('sns:Publish', arn, arn);
    }
    case 'bus': {
      const arn = toArn(need.target);
      return allow('events:PutEvents', arn, arn);
    }
    case 'secret':
    case 'parameter': {
      const { kind, secretName } = need;
      if (secretName === '') return { value: '', permission: null };
      return kind === 'secret'
        ? allow('secretsmanager:GetSecretValue', toSecretArn(secretName), secretName)
        : allow('ssm:GetParameter', localArn('ssm', `parameter${secretName}`), secretName);
    }
  }
}

/**
 * Returns the policy statements for a list of permissions: one for each action, because the inline
 * policies of a role have few characters.
 */
export function toStatements(permissions: readonly NonNullable<Grant['permission']>[]): object[] {
  const byAction = new Map<string, Map<string, unknown>>();
  for (const { action, resource } of permissions) {
    const resources = byAction.get(action) ?? new Map<string, unknown>();
    byAction.set(action, resources.set(JSON.stringify(resource), resource));
  }
  return [...byAction].map(([Action, resources]) => ({
    Effect: 'Allow',
    Action,
    Resource: [...resources.values()],
  }));
}

/** Returns whether a text is an ARN, and not a name. */
export function isArn(text: string): boolean {
  return text.startsWith('arn:');
}

function allow(action: string, resource: unknown, value: unknown): Grant {
  return { value, permission: { action, resource } };
}

function toArn(target: string | ResourceReference): unknown {
  return typeof target === 'string' ? target : { 'Fn::GetAtt': [target.resource, 'Arn'] };
}

/** SQS calls need the URL of a queue; it consists of the parts of the ARN. */
function toQueueUrl(arn: string): unknown {
  const [, , , region, account, name] = arn.split(':');
  return { 'Fn::Sub': `https://sqs.${region}.\${AWS::URLSuffix}/${account}/${name}` };
}

/** Secrets Manager adds a hyphen and six random characters to the name in a secret's ARN. */
function toSecretArn(name: string): unknown {
  return isArn(name) ? name : localArn('secretsmanager', `secret:${name}-??????`);
}

function localArn(service: string, resource: string): unknown {
  return {
    'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
  };
}
