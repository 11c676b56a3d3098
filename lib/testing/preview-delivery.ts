import { text } from 'node:stream/consumers';
import type { DestinationDeclaration, Need, Target } from '../destinations/declaration.ts';
import type { DeliveryOutcome } from '../destinations/outcome.ts';
import { INLINE_SECRET_PREFIX } from '../destinations/secret.ts';
import { parseAwsMessages } from '../local/console/state/aws-messages.ts';
import { LOCAL_ACCOUNT } from '../local/emulator/local-addresses.ts';
import { startLoopbackServer } from '../local/emulator/http/loopback-server.ts';
import { createSqsClient } from '../platform/sqs.ts';
import type { RelayRecord } from '../record/record.ts';

/** A request or a message that a destination would send. */
export interface PreviewedRequest {
  /** `POST`, or the operation of an AWS service: `SendMessageBatch`, `PublishBatch`, `PutEvents`. */
  readonly method: string;
  /** The address; the name of the queue, topic or bus for an AWS service. */
  readonly url: string;
  /** Header names are in lower case. The attributes of the message for an AWS service. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: unknown;
}

/** What a destination would do with a record. */
export interface DeliveryPreview {
  /** What `accepts` returned. When it is false, nothing is sent. */
  readonly isAccepted: boolean;
  /** Why nothing can be sent; null when it can. */
  readonly problem: string | null;
  /** What would be sent; more than one request only for a destination that sends one again. */
  readonly requests: readonly PreviewedRequest[];
}

const REGION = 'eu-west-1';
/** How an address from a stage parameter is shown: which one it is depends on the stage. */
const STAGE_ORIGIN = 'https://{stage}';
/** What Node and the SDK add. */
const TRANSPORT_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);
/** An error that the SDK does not repeat. */
const PREVIEW_STATUS = 400;

/**
 * Lets a destination send a record to a server on this machine, and returns what it sent. Its own code
 * runs, with signing and headers; secrets have their invented local values. Nothing leaves the machine.
 * The variables of AWS clients are set in this process while it runs, so run one at a time.
 * @param declaration one destination of functions/destinations.ts
 * @param record see readRecord
 * @throws (rejects) what the code of an HTTP destination throws; in fanOut that is a dead letter
 */
export async function previewDelivery(
  declaration: DestinationDeclaration,
  record: RelayRecord,
): Promise<DeliveryPreview> {
  if (!declaration.accepts(record)) return { isAccepted: false, problem: null, requests: [] };
  const requests: PreviewedRequest[] = [];
  let origin = STAGE_ORIGIN;
  const server = await startLoopbackServer(0, (request, response) => {
    void (async () => {
      const body = await text(request);
      const headers = Object.fromEntries(
        Object.entries(request.headers)
          .filter(([name]) => !TRANSPORT_HEADERS.has(name))
          .map(([name, value]) => [name, String(value)]),
      );
      requests.push(
        ...toRequests(request.method ?? '', origin + (request.url ?? ''), headers, body),
      );
      response.writeHead(declaration.kind === 'http' ? 200 : PREVIEW_STATUS).end('{}');
    })();
  });
  const restore = setVariables({
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'preview',
    AWS_SECRET_ACCESS_KEY: 'preview',
  });
  const sqs = createSqsClient();
  try {
    for (const need of declaration.needs) {
      if (need.kind === 'address' && typeof need.address === 'string')
        ({ origin } = new URL(need.address));
    }
    const environment = Object.fromEntries(
      declaration.needs.map((need) => [need.variable, toLocalValue(need, server.endpoint)]),
    );
    const destination = declaration.create({ environment, sqs });
    if (destination?.fault !== undefined) {
      return { isAccepted: true, problem: destination.fault, requests };
    }
    const signal = AbortSignal.timeout(declaration.timeoutMs);
    const outcome = await destination?.deliver(record, { now: new Date(), signal });
    const problem = requests.length > 0 || outcome === undefined ? null : describe(outcome);
    return { isAccepted: true, problem, requests };
  } finally {
    sqs.destroy();
    restore();
    await server.stop();
  }
}

function toRequests(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string,
): readonly PreviewedRequest[] {
  const messages = parseAwsMessages({
    method,
    path: url,
    headers,
    body,
    status: null,
    responseHeaders: {},
    responseBody: '',
    ms: 0,
  });
  if (messages.length === 0) return [{ method, url, headers, body, json: parseJson(body) }];
  return messages.map((message) => ({
    method: message.operation,
    url: message.target,
    headers: message.attributes,
    body: message.body,
    json: parseJson(message.body),
  }));
}

function toLocalValue(need: Need, endpoint: string): string {
  switch (need.kind) {
    case 'address': {
      if (typeof need.address !== 'string') return endpoint;
      const { pathname, search } = new URL(need.address);
      return endpoint + pathname + search;
    }
    case 'queue':
      return `${endpoint}/${LOCAL_ACCOUNT}/${toResourceName(need.target)}`;
    case 'topic':
      return `arn:aws:sns:${REGION}:${LOCAL_ACCOUNT}:${toResourceName(need.target)}`;
    case 'bus':
      return `arn:aws:events:${REGION}:${LOCAL_ACCOUNT}:event-bus/${toResourceName(need.target)}`;
    case 'secret':
    case 'parameter':
      return INLINE_SECRET_PREFIX + need.local;
  }
}

function toResourceName(target: Target): string {
  if (typeof target === 'string') return target.split(/[/:]/).at(-1) ?? '';
  return 'resource' in target ? target.resource : target.stageParameter;
}

/** Why an attempt sent nothing. The merchant's own words are shown: they do not leave the machine. */
function describe(outcome: DeliveryOutcome): string | null {
  switch (outcome.kind) {
    case 'delivered':
      return null;
    case 'retry':
    case 'rejected': {
      const detail = outcome.kind === 'rejected' ? outcome.detail : null;
      return [outcome.reason, outcome.cause, detail].filter((part) => part !== null).join(': ');
    }
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function setVariables(values: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
