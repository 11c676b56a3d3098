import * as v from 'valibot';

const ParametersSchema = v.object({
  domainName: v.optional(v.string(), ''),
  webhookEndpoint: v.optional(v.unknown()),
});
/** The parts of the configuration that are changed. */
const ConfigurationSchema = v.looseObject({
  functions: v.looseObject({
    operator: v.looseObject({ environment: v.record(v.string(), v.unknown()) }),
  }),
  resources: v.looseObject({
    Resources: v.record(v.string(), v.unknown()),
    Outputs: v.looseObject({ WebhookEndpoint: v.looseObject({ Value: v.unknown() }) }),
  }),
});

/**
 * Lets the API respond at the domain of the stage, and names that address as the endpoint. The domain is no
 * part of the stack (lib/stack/domain.yml makes it): so it stays, with its certificate and its DNS record,
 * when the stack is made again. An endpoint that the stage names itself, such as that of a proxy, stays.
 * @param configuration the resolved serverless configuration; it is changed
 * @param values the stage parameters
 */
export function applyDomain(
  configuration: unknown,
  values: Readonly<Record<string, unknown>>,
): void {
  const parsed = v.safeParse(ParametersSchema, values);
  const { domainName, webhookEndpoint } = parsed.success ? parsed.output : { domainName: '' };
  if (domainName === '' || !v.is(ConfigurationSchema, configuration)) return;
  const { functions, resources } = configuration;
  resources.Resources['DomainMapping'] = {
    Type: 'AWS::ApiGatewayV2::ApiMapping',
    Properties: {
      DomainName: domainName,
      ApiId: { Ref: 'HttpApi' },
      Stage: { Ref: 'HttpApiStage' },
    },
  };
  if (typeof webhookEndpoint === 'string') return;
  const endpoint = `https://${domainName}/webhooks/voucherify`;
  functions.operator.environment['WEBHOOK_ENDPOINT'] = endpoint;
  resources.Outputs.WebhookEndpoint.Value = endpoint;
}
