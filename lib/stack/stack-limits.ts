import * as v from 'valibot';
import { toPackagedEnvironment, toPackagedValue } from './packaged-environment.ts';

/** Lambda quotas, Environment variables: 4 KB for all of a function together. */
const MAX_ENVIRONMENT_BYTES = 4_096;
/** IAM quotas: the inline policies of a role together, without white space. */
const MAX_POLICY_CHARACTERS = 10_240;
/** CloudFormation quotas, Resources. */
const MAX_RESOURCES = 500;

const VariablesSchema = v.optional(v.record(v.string(), v.unknown()), {});
const ConfigurationSchema = v.object({
  provider: v.object({ region: v.string(), environment: VariablesSchema }),
  functions: v.record(v.string(), v.object({ environment: VariablesSchema })),
  resources: v.object({ Resources: v.record(v.string(), v.unknown()) }),
});
const RoleSchema = v.object({
  Type: v.literal('AWS::IAM::Role'),
  Properties: v.object({ Policies: v.array(v.object({ PolicyDocument: v.unknown() })) }),
});

/** Finds the functions whose environment variables are larger than Lambda accepts. */
export function findEnvironmentFaults(configuration: unknown): readonly string[] {
  const { provider, functions, resources } = v.parse(ConfigurationSchema, configuration);
  return Object.entries(functions).flatMap(([name, { environment }]) => {
    const variables = toPackagedEnvironment(
      { ...provider.environment, ...environment },
      resources.Resources,
      provider.region,
    );
    const bytes = Buffer.byteLength(JSON.stringify(variables));
    return bytes <= MAX_ENVIRONMENT_BYTES
      ? []
      : [
          `The environment variables of the function ${name} have ${bytes} bytes, and Lambda accepts ${MAX_ENVIRONMENT_BYTES}. Shorten the names of secrets and destinations, or write addresses into the declarations in place of stage parameters.`,
        ];
  });
}

/** Finds the roles whose inline policies are larger than IAM accepts. */
export function findPolicyFaults(configuration: unknown): readonly string[] {
  const { provider, resources } = v.parse(ConfigurationSchema, configuration);
  return Object.entries(resources.Resources).flatMap(([id, resource]) => {
    if (!v.is(RoleSchema, resource)) return [];
    const characters = resource.Properties.Policies.reduce((sum, { PolicyDocument }) => {
      const document = toPackagedValue(PolicyDocument, resources.Resources, provider.region);
      return sum + JSON.stringify(document).length;
    }, 0);
    return characters <= MAX_POLICY_CHARACTERS
      ? []
      : [
          `The inline policies of ${id} have ${characters} characters, and IAM accepts ${MAX_POLICY_CHARACTERS}. Shorten the names of secrets, or let destinations share a secret, a topic or a queue.`,
        ];
  });
}

/** Finds whether a template has more resources than CloudFormation accepts. */
export function findResourceFaults(resourceCount: number): readonly string[] {
  return resourceCount <= MAX_RESOURCES
    ? []
    : [
        `The stack has ${resourceCount} resources, and CloudFormation accepts ${MAX_RESOURCES}. A destination needs six: deploy a second stack with some of the destinations, or move resources of your own to another stack.`,
      ];
}
