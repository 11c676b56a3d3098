import { devNull } from 'node:os';
import type { FunctionDescription } from '../serverless-config/functions.ts';
import { type Endpoints, resolveLocalUrl } from '../local-addresses.ts';

/**
 * Builds all environment variables of a function: those of Lambda, those of serverless.yml with the local
 * ports filled in, and the addresses of the emulators. None of the developer's own AWS settings is in it:
 * the credentials are invented, and the SDK is kept from looking for others.
 */
export function buildFunctionEnvironment(
  description: FunctionDescription,
  region: string,
  endpoints: Endpoints,
): Record<string, string> {
  const declared = Object.fromEntries(
    Object.entries(description.environment).map(([name, text]) => [
      name,
      resolveLocalUrl(text, endpoints),
    ]),
  );
  return {
    ...buildLambdaVariables(description, region),
    ...buildServiceVariables(region, endpoints),
    ...declared,
  };
}

function buildLambdaVariables(
  description: FunctionDescription,
  region: string,
): Record<string, string> {
  return {
    _HANDLER: `${description.module}.${description.exportName}`,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    // invented, and different for each function: the emulators identify the caller by it
    AWS_ACCESS_KEY_ID: description.name,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_LAMBDA_FUNCTION_NAME: description.deployedName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(description.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${description.deployedName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}

/** The addresses of the services for the SDK. Calls of services without an emulator go to the SQS emulator, which rejects them. */
function buildServiceVariables(
  region: string,
  endpoints: Omit<Endpoints, 'mockEndpoint'>,
): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: endpoints.sqsEndpoint,
    AWS_ENDPOINT_URL_SQS: endpoints.sqsEndpoint,
    AWS_ENDPOINT_URL_SNS: endpoints.sqsEndpoint,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoEndpoint,
  };
}
