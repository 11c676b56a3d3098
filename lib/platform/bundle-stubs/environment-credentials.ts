/**
 * Takes the place of the AWS SDK's default chain of credential providers in a bundle (serverless.yml,
 * custom.esbuild.alias). Lambda hands its role's credentials over in the environment and nowhere else;
 * the providers for developers' machines, containers and instances would be a third of the bundle.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
