import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startLoopbackServer } from '../../lib/local/emulator/http/loopback-server.ts';

/** The points of one metric, the newest first. */
export interface FakeMetric {
  readonly name: string;
  /** The last dimension: the queue or the destination. */
  readonly of: string;
  readonly points: readonly { readonly at: Date; readonly value: number }[];
}

/** What the APIs have, and how they behave. Tests set it. */
export interface FakeApisState {
  metrics: readonly FakeMetric[];
  alarms: readonly Record<string, unknown>[];
  /** The ARNs of the subscriptions of the topic. */
  subscriptions: readonly string[];
  /** By name. */
  secrets: { readonly [name: string]: string };
  accountLimit: Record<string, number>;
  /** Answers an invocation of a function. */
  invoke: (event: unknown) => Promise<{ readonly error: boolean; readonly payload: unknown }>;
  /** Actions that are denied, or fail inside. */
  denied: readonly string[];
  broken: readonly string[];
}

/** The running APIs. */
export interface FakeApis extends FakeApisState {
  readonly endpoint: string;
  /** Each call, with the permission that it needs: `lambda:InvokeFunction relay-prod-receive`. */
  readonly calls: string[];
  stop(): Promise<void>;
}

interface Call {
  readonly action: string;
  readonly resource: string;
  readonly input: Record<string, unknown>;
}
type Responder = (call: Call) => Promise<unknown>;

const ALARMS_A_PAGE = 2;
const METRICS_A_PAGE = 300;

/**
 * Starts the APIs that have no emulator here: CloudWatch (GetMetricData, DescribeAlarms), Lambda
 * (GetAccountSettings, Invoke), SNS (ListSubscriptionsByTopic) and Secrets Manager (GetSecretValue), on one
 * port. They speak the protocols of their API references, and give long lists in pages.
 */
export async function startFakeApis(): Promise<FakeApis> {
  const responders: Record<string, Responder> = {
    'cloudwatch:GetMetricData': async ({ input }) => getMetricData(apis, input),
    'cloudwatch:DescribeAlarms': async ({ input }) => {
      const from = Number(input['NextToken'] ?? 0);
      const found = apis.alarms.filter(
        ({ AlarmName, StateValue }) =>
          String(AlarmName).startsWith(String(input['AlarmNamePrefix'])) &&
          StateValue === input['StateValue'],
      );
      const next = from + ALARMS_A_PAGE;
      return {
        MetricAlarms: found.slice(from, next),
        ...(next < found.length && { NextToken: String(next) }),
      };
    },
    'lambda:GetAccountSettings': async () => ({ AccountLimit: apis.accountLimit }),
    'secretsmanager:GetSecretValue': async ({ resource }) => {
      const SecretString = apis.secrets[resource];
      if (SecretString === undefined) throw new ApiError(400, 'ResourceNotFoundException');
      return { Name: resource, SecretString };
    },
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(request);
    apis.calls.push(`${call.action} ${call.resource}`.trim());
    try {
      if (apis.denied.includes(call.action)) {
        throw new ApiError(
          403,
          call.action.startsWith('sns:') ? 'AuthorizationError' : 'AccessDeniedException',
        );
      }
      if (apis.broken.includes(call.action)) throw new ApiError(500, 'InternalFailure');
      if (call.action === 'sns:ListSubscriptionsByTopic') {
        respondXml(response, 200, listSubscriptions(apis.subscriptions));
        return;
      }
      if (call.action === 'lambda:InvokeFunction') {
        const { error, payload } = await apis.invoke(call.input);
        response.writeHead(200, {
          'content-type': 'application/json',
          ...(error && { 'x-amz-function-error': 'Unhandled' }),
        });
        response.end(JSON.stringify(payload));
        return;
      }
      const output = await responders[call.action]?.(call);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(output));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status, code } = error;
      if (call.action.startsWith('sns:')) {
        const text = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;
        respondXml(response, status, text);
        return;
      }
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-errortype': code,
      });
      response.end(JSON.stringify({ __type: code, Message: 'no' }));
    }
  };
  const server = await startLoopbackServer(0, (request, response) => {
    void handle(request, response);
  });
  const apis: FakeApis = {
    endpoint: server.endpoint,
    calls: [],
    ...EMPTY,
    stop: () => server.stop(),
  };
  return apis;
}

/** APIs that have nothing and deny nothing. */
export const EMPTY: FakeApisState = {
  metrics: [],
  alarms: [],
  subscriptions: [],
  secrets: {},
  accountLimit: {},
  invoke: async () => ({ error: true, payload: {} }),
  denied: [],
  broken: [],
};

/** An error response. */
class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** Reads which call a request is: JSON services name it in a header, SNS in the body, Lambda in the path. */
async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(request, 'end');
  const text = Buffer.concat(chunks).toString();
  const [service, operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
  if (operation !== '') {
    const input = JSON.parse(text) as { readonly SecretId?: string };
    const prefix = service === 'secretsmanager' ? service : 'cloudwatch';
    return { action: `${prefix}:${operation}`, resource: input.SecretId ?? '', input };
  }
  const path = request.url ?? '';
  if (path.includes('account-settings')) {
    return { action: 'lambda:GetAccountSettings', resource: '', input: {} };
  }
  const invoked = /\/functions\/([^/]+)\/invocations/.exec(path)?.[1];
  if (invoked !== undefined) {
    const input = JSON.parse(text) as Record<string, unknown>;
    return { action: 'lambda:InvokeFunction', resource: invoked, input };
  }
  const form = new URLSearchParams(text);
  return {
    action: `sns:${form.get('Action')}`,
    resource: form.get('TopicArn') ?? '',
    input: {},
  };
}

interface DataQuery {
  readonly Id: string;
  readonly MetricStat: {
    readonly Metric: {
      readonly MetricName: string;
      readonly Dimensions: readonly { readonly Value: string }[];
    };
  };
}

/** API reference of GetMetricData: at most 500 queries, values in the window only. */
function getMetricData({ metrics }: FakeApisState, input: Record<string, unknown>): object {
  const queries = input['MetricDataQueries'] as readonly DataQuery[];
  if (queries.length > 500) throw new ApiError(400, 'ValidationError');
  const from = Number(input['NextToken'] ?? 0);
  const next = from + METRICS_A_PAGE;
  const isInWindow = ({ at }: { readonly at: Date }): boolean =>
    at.getTime() / 1_000 >= Number(input['StartTime']) &&
    at.getTime() / 1_000 < Number(input['EndTime']);
  return {
    MetricDataResults: queries.slice(from, next).map(({ Id, MetricStat }) => {
      const { MetricName, Dimensions } = MetricStat.Metric;
      const metric = metrics.find(
        ({ name, of }) => name === MetricName && of === Dimensions.at(-1)?.Value,
      );
      const points = (metric?.points ?? []).filter(isInWindow);
      return {
        Id,
        Label: MetricName,
        StatusCode: 'Complete',
        Timestamps: points.map(({ at }) => at.getTime() / 1_000),
        Values: points.map(({ value }) => value),
      };
    }),
    ...(next < queries.length && { NextToken: String(next) }),
  };
}

function listSubscriptions(arns: readonly string[]): string {
  const members = arns.map(
    (arn) =>
      `<member><SubscriptionArn>${arn}</SubscriptionArn><Protocol>email</Protocol><Endpoint>on-call@example.com</Endpoint></member>`,
  );
  return `<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsByTopicResult><Subscriptions>${members.join('')}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`;
}

function respondXml(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
}
