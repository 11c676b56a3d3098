import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack, parseProperties, type Template } from '../support/packaged-stack.ts';

const LogGroupSchema = v.object({ LogGroupName: v.string(), RetentionInDays: v.number() });
const StageSchema = v.object({
  AccessLogSettings: v.object({ Format: v.string() }),
  DefaultRouteSettings: v.object({
    ThrottlingRateLimit: v.number(),
    ThrottlingBurstLimit: v.number(),
  }),
});
/** The allowed fields of the access log: none that a caller could fill with a code or a name. */
const ACCESS_LOG_FIELDS = [
  'error.responseType',
  'httpMethod',
  'identity.sourceIp',
  'integrationLatency',
  'requestId',
  'requestTime',
  'responseLatency',
  'responseLength',
  'routeKey',
  'status',
];

describe('the HTTP API and the logs', () => {
  let template: Template;
  beforeAll(async () => {
    ({ template } = await packageStack());
  }, 60_000);

  const read = <Schema extends v.GenericSchema>(type: string, schema: Schema) =>
    parseProperties(template, type, schema);

  it('has a log group with a retention for each function and for the API', () => {
    const groups = read('AWS::Logs::LogGroup', LogGroupSchema);
    expect(groups.map(([, { LogGroupName }]) => LogGroupName).sort()).toEqual([
      '/aws/http-api/voucher-relay-prod',
      '/aws/lambda/voucher-relay-prod-fanOut',
      '/aws/lambda/voucher-relay-prod-operator',
      '/aws/lambda/voucher-relay-prod-receive',
    ]);
    for (const [, { RetentionInDays }] of groups) expect(RetentionInDays).toBe(30);
  });

  it('has the routes of the webhook and no other', () => {
    const routes = read('AWS::ApiGatewayV2::Route', v.object({ RouteKey: v.string() }));
    expect(routes.map(([, { RouteKey }]) => RouteKey).sort()).toEqual([
      'POST /webhooks/voucherify',
      'POST /webhooks/voucherify/{mapping}',
    ]);
  });

  it('does not log the body, headers, path or query string of a request', () => {
    const [[, stage] = []] = read('AWS::ApiGatewayV2::Stage', StageSchema);
    const format = stage?.AccessLogSettings.Format ?? '';
    const variables = [...format.matchAll(/\$context\.([\w.]+)/g)].map(([, name]) => name);
    expect(new Set(variables)).toEqual(new Set(ACCESS_LOG_FIELDS));
    expect(JSON.parse(format)).toMatchObject({ service: 'voucher-relay-prod' });
  });

  it('allows the burst of a full distribution', () => {
    const [[, stage] = []] = read('AWS::ApiGatewayV2::Stage', StageSchema);
    const { ThrottlingRateLimit = 0, ThrottlingBurstLimit = 0 } = stage?.DefaultRouteSettings ?? {};
    const CUSTOMERS = 100_000;
    const seconds = (CUSTOMERS - ThrottlingBurstLimit) / ThrottlingRateLimit;
    expect(seconds).toBeLessThan(60);
  });
});
