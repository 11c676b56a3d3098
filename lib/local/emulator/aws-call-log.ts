import type { IncomingHttpHeaders, Server } from 'node:http';
import * as v from 'valibot';

/** One call of an AWS service that reached an emulator. */
export interface AwsCall {
  /** The access key of the signature: for a function's calls, the function's name in serverless.yml. */
  readonly caller: string;
  readonly service: 'sqs' | 'sns' | 'dynamodb';
  /** For example `SendMessage`. */
  readonly operation: string;
  /** The name of the queue, topic or table, or of an index: `table/index/name`; empty when the call names none. */
  readonly resource: string;
}

/** Receives every call of an emulator when the call arrives. */
export type OnAwsCall = (call: AwsCall) => void;

/** AWS Signature Version 4: the credential begins with the access key. */
const CREDENTIAL_PATTERN = /Credential=([^/,]+)\//;
const TARGET_PATTERN = /^(?:AmazonSQS|DynamoDB_\d+)\.(\w+)$/;

const QueueSchema = v.object({ QueueUrl: v.string() });
const TableSchema = v.object({ TableName: v.string(), IndexName: v.optional(v.string()) });
const TableBatchSchema = v.object({ RequestItems: v.record(v.string(), v.unknown()) });
const TopicSchema = v.object({ Action: v.string(), TopicArn: v.optional(v.string()) });

/**
 * Returns which AWS call a request is. SQS and DynamoDB name the operation in a header, SNS in the body.
 * @param body the parsed body
 * @returns null when the request is not a call of these services
 */
export function parseAwsCall(headers: IncomingHttpHeaders, body: unknown): AwsCall | null {
  const caller = CREDENTIAL_PATTERN.exec(headers.authorization ?? '')?.[1] ?? '';
  const target = String(headers['x-amz-target'] ?? '');
  const operation = TARGET_PATTERN.exec(target)?.[1];
  if (operation === undefined) {
    if (!v.is(TopicSchema, body)) return null;
    return {
      caller,
      service: 'sns',
      operation: body.Action,
      resource: parseResourceName(body.TopicArn ?? ''),
    };
  }
  if (target.startsWith('AmazonSQS.')) {
    const resource = v.is(QueueSchema, body) ? parseResourceName(body.QueueUrl) : '';
    return { caller, service: 'sqs', operation, resource };
  }
  const resource = v.is(TableSchema, body) ? toTableResource(body) : readBatchTable(body);
  return { caller, service: 'dynamodb', operation, resource };
}

/** IAM knows an index of a table as a resource of its own. */
function toTableResource({ TableName, IndexName }: v.InferOutput<typeof TableSchema>): string {
  return IndexName === undefined ? TableName : `${TableName}/index/${IndexName}`;
}

/** A batch of DynamoDB names its tables as keys. */
function readBatchTable(body: unknown): string {
  return v.is(TableBatchSchema, body) ? Object.keys(body.RequestItems).join(' ') : '';
}

/** Reports every call that a server of AWS's JSON protocol receives, before the server responds. */
export function observeCalls(server: Server, onCall: OnAwsCall): void {
  server.prependListener('request', (request) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const body = v.safeParse(JsonSchema, Buffer.concat(chunks).toString('utf8'));
      const call = parseAwsCall(request.headers, body.success ? body.output : null);
      if (call !== null) onCall(call);
    });
  });
}

const JsonSchema = v.pipe(v.string(), v.parseJson());

/** Returns the last part of a queue URL or of an ARN; a plain name is returned as it is. */
function parseResourceName(address: string): string {
  return address.split(/[/:]/).at(-1) ?? '';
}
