import { createSecretFetcher } from '../platform/secrets-manager.ts';
import type { StageParameter } from './declaration.ts';
import { createSecretReference, type SecretOptions, type SecretReference } from './secret.ts';

/**
 * Names a secret in Secrets Manager.
 * @param name its name or ARN, where `{stage}` is the name of the stage; or the stage parameter that holds it
 */
export function secretsManager(
  name: string | StageParameter,
  options?: SecretOptions,
): SecretReference {
  return createSecretReference('secret', name, createSecretFetcher, options);
}
