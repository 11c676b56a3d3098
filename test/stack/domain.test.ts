import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import { describe, expect, it } from 'vitest';
import {
  getResources,
  packageStack,
  packageStackWith,
  type Template,
} from '../support/packaged-stack.ts';

const DOMAIN = 'domainName=hooks.example.com';
const PROXY = 'https://edge.example.com/webhooks/voucherify';
const mapping = {
  DomainName: 'hooks.example.com',
  ApiId: { Ref: 'HttpApi' },
  Stage: { Ref: 'HttpApiStage' },
};
const mappingsOf = (template: Template) =>
  getResources(template, 'AWS::ApiGatewayV2::ApiMapping').map(([, { Properties }]) => Properties);
/** The address that is printed after a deploy, and the one that is checked. */
const endpointsOf = ({ Outputs, Resources }: Template): unknown[] => {
  const { Environment } = Resources['OperatorLambdaFunction']?.Properties ?? {};
  return [Outputs['WebhookEndpoint'], Environment];
};
const both = (endpoint: unknown): unknown[] => [
  expect.objectContaining({ Value: endpoint }),
  { Variables: expect.objectContaining({ WEBHOOK_ENDPOINT: endpoint }) as unknown },
];

describe('a stage with a domain', () => {
  it('points it at its API, and owns neither domain, certificate nor record', async () => {
    const { template } = await packageStack(DOMAIN);
    expect(mappingsOf(template)).toEqual([mapping]);
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /DomainName$|Certificate|Route53/.test(type))).toEqual([]);
    expect(endpointsOf(template)).toEqual(both('https://hooks.example.com/webhooks/voucherify'));
    // distributions may have the address of the API
    const { Properties } = template.Resources['HttpApi'] ?? {};
    expect(Properties?.['DisableExecuteApiEndpoint']).toBeUndefined();
  }, 60_000);

  it('and a proxy in front has the address of the proxy', async () => {
    const { template } = await packageStackWith(
      (serverlessYml) =>
        serverlessYml.replace(
          'prod: ${file(./stages/prod.yml)}',
          `prod: { webhookEndpoint: '${PROXY}' }`,
        ),
      DOMAIN,
    );
    expect(mappingsOf(template)).toEqual([mapping]);
    expect(endpointsOf(template)).toEqual(both(PROXY));
  }, 60_000);
});

it('a stage without a domain has the address of its API', async () => {
  const { template } = await packageStack();
  expect(mappingsOf(template)).toEqual([]);
  expect(endpointsOf(template)).toEqual(
    both({
      'Fn::Sub':
        'https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/webhooks/voucherify',
    }),
  );
}, 60_000);

it("the stack of the domain is accepted by AWS's own validator", () => {
  const file = new TemplateFile('lib/stack/domain.yml');
  const { diagnostics } = new RegoEngine().validateStandard(file, { severityLevel: 'WARN' });
  expect(diagnostics.map(({ ruleId, message }) => `${ruleId} ${message}`)).toEqual([]);
});
