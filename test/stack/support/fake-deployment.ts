import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startLoopbackServer } from '../../../lib/local/emulator/http/loopback-server.ts';

/** The responses to what osls asks before it uploads: the stack exists, and its bucket is empty. */
const RESPONSES: readonly (readonly [part: string, response: string])[] = [
  [
    'Action=DescribeStackResource&',
    '<R><DescribeStackResourceResult><StackResourceDetail><PhysicalResourceId>bucket</PhysicalResourceId></StackResourceDetail></DescribeStackResourceResult></R>',
  ],
  [
    'Action=DescribeStacks&',
    '<R><DescribeStacksResult><Stacks><member><StackStatus>UPDATE_COMPLETE</StackStatus></member></Stacks></DescribeStacksResult></R>',
  ],
  [
    'Action=GetCallerIdentity&',
    '<R><GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:user/local</Arn><Account>000000000000</Account></GetCallerIdentityResult></R>',
  ],
  ['list-type=2', '<R><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></R>'],
];

/**
 * Starts what osls needs of CloudFormation, S3 and STS until it uploads the template. The upload is kept,
 * and then refused, so that the deploy ends there.
 */
export async function startFakeDeployment() {
  const uploads: string[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(request, 'end');
    const body = Buffer.concat(chunks).toString();
    if (request.method === 'PUT') {
      uploads.push(body);
      response.writeHead(403).end();
      return;
    }
    const text = (request.url ?? '') + body;
    const found = RESPONSES.find(([part]) => text.includes(part));
    response.writeHead(200, { 'content-type': 'text/xml' }).end(found?.[1] ?? '');
  };
  const server = await startLoopbackServer(0, (request, response) => {
    void handle(request, response);
  });
  return { endpoint: server.endpoint, stop: () => server.stop(), uploads };
}
