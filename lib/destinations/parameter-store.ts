import { createSecretFetcher } from '../platform/ssm.ts';
import type { StageParameter } from './declaration.ts';
import { createSecretReference, type SecretOptions, type SecretReference } from './secret.ts';

/**
 * Names a SecureString in the Parameter Store of Systems Manager.
 * @param name its name with the leading slash, where `{stage}` is the name of the stage; or the stage
 * parameter that holds it
 */
export function parameterStore(
  name: string | StageParameter,
  options?: SecretOptions,
): SecretReference {
  return createSecretReference('parameter', name, createSecretFetcher, options);
}
