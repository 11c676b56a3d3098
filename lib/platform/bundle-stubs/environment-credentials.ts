/**
 * Replaces the AWS SDK's default chain of credential providers in a bundle (serverless.yml,
 * custom.esbuild.alias). Lambda passes its role's credentials in the environment and nowhere else. The
 * providers for developers' machines, containers and instances would be a third of the bundle.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
