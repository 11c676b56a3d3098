import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { startServer, type TestServer } from './start-server.ts';

/**
 * Stub of SQS and DynamoDB: it accepts any call and responds at once. The emulators do more, and their
 * work would be measured together with ours.
 */
export function startAwsStub(): Promise<TestServer> {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const responseBody = JSON.stringify(toResult(request.headers['x-amz-target'], text));
      response.writeHead(200, {
        'content-type': 'application/x-amz-json-1.0',
        'content-length': Buffer.byteLength(responseBody),
      });
      response.end(responseBody);
    });
  });
  return startServer(server);
}

function toResult(target: string | string[] | undefined, text: string): object {
  switch (String(target)) {
    case 'AmazonSQS.SendMessage':
      return toSendResult(JSON.parse(text) as Message);
    case 'AmazonSQS.SendMessageBatch': {
      const { Entries } = JSON.parse(text) as { Entries: (Message & { Id: string })[] };
      return {
        Successful: Entries.map((entry) => Object.assign({ Id: entry.Id }, toSendResult(entry))),
      };
    }
    default:
      return {};
  }
}

interface Message {
  readonly MessageBody: string;
}

/** The SDK compares this hash with its own. */
function toSendResult({ MessageBody }: Message): object {
  return {
    MessageId: 'bench',
    MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
  };
}
