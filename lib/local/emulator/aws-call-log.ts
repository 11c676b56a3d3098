import type { IncomingHttpHeaders, Server } from 'node:http';
import * as v from 'valibot';

/** One call of an AWS service, as it reached an emulator. */
export interface AwsCall {
  /** The access key that it was signed with: for a function's calls, its name in serverless.yml. */
  readonly caller: string;
  readonly service: 'sqs' | 'sns' | 'dynamodb';
  /** For example `SendMessage`. */
  readonly operation: string;
  /** The name of the queue, topic or table; empty for a call that names none. */
  readonly resource: string;
}

/** Gets every call of an emulator as it comes in. */
export type OnAwsCall = (call: AwsCall) => void;

/** AWS Signature Version 4: the access key stands first in the credential. */
const CREDENTIAL = /Credential=([^/,]+)\//;
const JSON_TARGET = /^(?:AmazonSQS|DynamoDB_\d+)\.(\w+)$/;

const QueueSchema = v.object({ QueueUrl: v.string() });
const TableSchema = v.object({ TableName: v.string() });
const TopicSchema = v.object({ Action: v.string(), TopicArn: v.optional(v.string()) });

/**
 * Reads which call a request is: SQS and DynamoDB name the operation in a header, SNS in its form.
 * @param body the parsed body
 * @returns null for a request that is no call of these services
 */
export function awsCallOf(headers: IncomingHttpHeaders, body: unknown): AwsCall | null {
  const caller = CREDENTIAL.exec(headers.authorization ?? '')?.[1] ?? '';
  const target = String(headers['x-amz-target'] ?? '');
  const operation = JSON_TARGET.exec(target)?.[1];
  if (operation === undefined) {
    if (!v.is(TopicSchema, body)) return null;
    return {
      caller,
      service: 'sns',
      operation: body.Action,
      resource: lastPart(body.TopicArn ?? ''),
    };
  }
  if (target.startsWith('AmazonSQS.')) {
    const resource = v.is(QueueSchema, body) ? lastPart(body.QueueUrl) : '';
    return { caller, service: 'sqs', operation, resource };
  }
  const resource = v.is(TableSchema, body) ? lastPart(body.TableName) : '';
  return { caller, service: 'dynamodb', operation, resource };
}

/** Tells of every call that an HTTP server of AWS's JSON protocol gets, before it is answered. */
export function tellCallsOf(server: Server, onCall: OnAwsCall): void {
  server.prependListener('request', (request) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const body = v.safeParse(JsonSchema, Buffer.concat(chunks).toString('utf8'));
      const call = awsCallOf(request.headers, body.success ? body.output : null);
      if (call !== null) onCall(call);
    });
  });
}

const JsonSchema = v.pipe(v.string(), v.parseJson());

/** The name at the end of a queue's URL, of an ARN, or a name itself. */
function lastPart(address: string): string {
  return address.split(/[/:]/).at(-1) ?? '';
}
