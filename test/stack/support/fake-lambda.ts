import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LOOPBACK, startLoopbackServer } from '../../../lib/local/emulator/http/loopback-server.ts';

/** An event source mapping of the fake. */
interface FakeMapping {
  readonly UUID: string;
  readonly EventSourceArn: string;
  State: string;
}

/** What the fake has, and how it behaves. */
export interface FakeLambda {
  readonly endpoint: string;
  readonly mappings: FakeMapping[];
  /** The calls that follow respond with this error. */
  fail: { readonly status: number; readonly type: string } | null;
  /** How many updates are refused because another change goes on. */
  conflicts: number;
  /** The age in seconds that CloudWatch has for the oldest message, or null. */
  oldestAgeSeconds: number | null;
  stop(): Promise<void>;
}

const PATH = '/2015-03-31/event-source-mappings';
const STATES = { true: ['Enabling', 'Enabled'], false: ['Disabling', 'Disabled'] } as const;

/**
 * Starts the part of the Lambda API that handles event source mappings (API reference,
 * ListEventSourceMappings, GetEventSourceMapping, UpdateEventSourceMapping), with GetMetricStatistics of
 * CloudWatch on the same port. An update is carried out in the background: the next read shows it under
 * way, the one after it done.
 */
export async function startFakeLambda(
  functionName: string,
  queueNames: readonly string[],
): Promise<FakeLambda> {
  const mappings = queueNames.map((queueName, n) => ({
    UUID: `mapping-${n}`,
    EventSourceArn: `arn:aws:sqs:eu-west-1:000000000000:${queueName}`,
    State: 'Enabled',
  }));
  const next = new Map<FakeMapping, string>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(request, 'end');
    const respond = (status: number, body: object, type = ''): void => {
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(type !== '' && { 'x-amzn-errortype': type }),
      });
      response.end(JSON.stringify(body));
    };
    if (fake.fail !== null) {
      respond(fake.fail.status, { Message: 'not authorized' }, fake.fail.type);
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '', `http://${LOOPBACK}`);
    if (pathname === '/') {
      const Maximum = fake.oldestAgeSeconds;
      const Datapoints = Maximum === null ? [] : [{ Timestamp: 1_700_000_000, Maximum }];
      respond(200, { Label: 'age', Datapoints });
      return;
    }
    if (pathname.replace(/\/$/, '') === PATH) {
      if (searchParams.get('FunctionName') === functionName) {
        respond(200, { EventSourceMappings: mappings });
      } else respond(404, { Message: 'Function not found' }, 'ResourceNotFoundException');
      return;
    }
    const mapping = mappings.find(({ UUID }) => pathname === `${PATH}/${UUID}`);
    if (mapping === undefined) {
      respond(404, { Message: 'no such mapping' }, 'ResourceNotFoundException');
      return;
    }
    if (request.method === 'PUT') {
      if (fake.conflicts > 0) {
        fake.conflicts -= 1;
        respond(409, { Message: 'another update' }, 'ResourceInUseException');
        return;
      }
      const { Enabled } = JSON.parse(Buffer.concat(chunks).toString()) as { Enabled: boolean };
      const [under, done] = STATES[Enabled ? 'true' : 'false'];
      mapping.State = under;
      next.set(mapping, done);
      respond(202, mapping);
      return;
    }
    respond(200, mapping);
    mapping.State = next.get(mapping) ?? mapping.State;
  };
  const server = await startLoopbackServer(0, (request, response) => {
    void handle(request, response);
  });
  const fake: FakeLambda = {
    endpoint: server.endpoint,
    mappings,
    fail: null,
    conflicts: 0,
    oldestAgeSeconds: null,
    stop: () => server.stop(),
  };
  return fake;
}
