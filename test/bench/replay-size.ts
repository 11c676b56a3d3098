import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createDeliverySender } from '../../lib/fan-out/queues.ts';
import { startAwsEmulators } from '../../lib/local/emulator/aws-emulators.ts';
import { createOperator } from '../../lib/operator/operator.ts';
import { runToEnd } from '../../lib/operator/run-to-end.ts';
import { createSqsQueue } from '../../lib/operator/sqs-queue.ts';
import { createGroupSender } from '../../lib/platform/sqs.ts';
import { splitEvery } from '../../lib/split-every.ts';
import { aRecord } from '../support/a-record.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';
import { aContext } from '../support/lambda.ts';
import { QUEUES_ONLY } from '../support/operator.ts';

/**
 * Replays some dead letters of many, with the emulated SQS and the function in processes of their own, and
 * prints the time of each call and the heap of the function after it. Ends with an error when one is missing, was sent twice, or is still hidden.
 * Usage: node_modules/.bin/node test/bench/replay-size.ts [messages, by default 100000] [matches, 50]
 */
if (process.argv[2] === 'emulators') await serveEmulators();
else if (process.argv[2] === 'function') serveFunction(process.argv[3] ?? '');
else await measure(Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 50));

/** Runs the emulators until the parent process ends them. */
async function serveEmulators(): Promise<void> {
  const { sqsEndpoint } = await startAwsEmulators();
  process.send?.(sqsEndpoint);
}

/** Runs the operator's function: a request as a message, the response and the heap after it as another. */
function serveFunction(endpoint: string): void {
  const sqs = new SQSClient({ ...LOCAL_CLIENT, endpoint });
  const queue = createSqsQueue(sqs, toQueueUrl(endpoint, 'dead-letters'));
  const operate = createOperator({
    ...QUEUES_ONLY,
    indexDelivery: async () => {},
    queues: { quarantine: queue, 'dead-letters': queue },
    enqueueRecord: createGroupSender(sqs, toQueueUrl(endpoint, 'records')),
    enqueueDelivery: createDeliverySender(sqs, {
      DESTINATION_QUEUES_URL: toQueueUrl(endpoint, 'to-'),
    }),
    normalise: { currency: null, maxWebhookAgeDays: null, mappings: new Map() },
    telemetry: { messageReplayed() {} },
    now: () => new Date(),
  });
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const run = async (request: unknown): Promise<void> => {
    const response = JSON.stringify(await operate(request, aContext()));
    collectGarbage();
    process.send?.([response, process.memoryUsage().heapUsed]);
  };
  process.on('message', (request) => void run(request));
}

function toQueueUrl(endpoint: string, name: string): string {
  return `${endpoint}/000000000000/${name}`;
}

async function startEmulators(): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = fork(import.meta.filename, ['emulators'], {
    execArgv: ['--max-old-space-size=4096'],
  });
  const [endpoint] = (await once(child, 'message')) as [string];
  return { child, endpoint };
}

async function measure(messages: number, matches: number): Promise<void> {
  const { child, endpoint } = await startEmulators();
  const operator = fork(import.meta.filename, ['function', endpoint]);
  const sqs = new SQSClient({ ...LOCAL_CLIENT, endpoint });
  try {
    for (const QueueName of ['dead-letters', 'records', 'to-crm']) {
      await sqs.send(new CreateQueueCommand({ QueueName }));
    }
    const deadLetters = toQueueUrl(endpoint, 'dead-letters');
    const wanted = await fill(sqs, deadLetters, messages, Math.floor(messages / matches));
    await replay(operator);
    await check(sqs, endpoint, messages, wanted);
  } finally {
    sqs.destroy();
    operator.kill();
    child.kill();
  }
}

/** Puts dead letters on the queue; returns the ids of those for the destination crm, one of so many. */
async function fill(
  sqs: SQSClient,
  queueUrl: string,
  messages: number,
  every: number,
): Promise<readonly string[]> {
  const startedAt = performance.now();
  const at = new Date().toISOString();
  const numbers = Array.from({ length: messages }, (_, n) => n);
  const isWanted = (n: number): boolean => n % every === every - 1;
  for (const batches of splitEvery(16, splitEvery(10, numbers))) {
    await Promise.all(
      batches.map((batch) =>
        sqs.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map((n) => ({
              Id: String(n),
              MessageBody: JSON.stringify({
                record: aRecord({ id: `whs_${n}` }),
                destination: isWanted(n) ? 'crm' : 'sms',
                reason: 'rejected',
                lastFailure: { reason: 'http_status', cause: null, status: 400 },
                detail: null,
                attempts: 1,
                firstAt: at,
                lastAt: at,
                responseBody: null,
              }),
            })),
          }),
        ),
      ),
    );
  }
  console.log(`${messages} dead letters put on the queue in ${toSeconds(startedAt)}`);
  return numbers.filter(isWanted).map((n) => `whs_${n}`);
}

async function replay(operator: ChildProcess): Promise<void> {
  const startedAt = performance.now();
  const { report, stillHidden } = await runToEnd(
    {
      async invoke(request) {
        const callStartedAt = performance.now();
        operator.send(request);
        const [[text, heapBytes]] = (await once(operator, 'message')) as [[string, number]];
        const response = JSON.parse(text) as { readonly command: string };
        const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
        const size = `response ${megabytes(text.length)}, heap ${megabytes(heapBytes)}`;
        console.log(`${response.command} ${toSeconds(callStartedAt)}, ${size}`);
        return response;
      },
    },
    { command: 'replay', from: 'dead-letters', destination: 'crm' },
  );
  console.log(`in all ${toSeconds(startedAt)}`, { ...report, stillHidden });
}

async function check(
  sqs: SQSClient,
  endpoint: string,
  messages: number,
  wanted: readonly string[],
): Promise<void> {
  const sent = await drainIds(sqs, toQueueUrl(endpoint, 'to-crm'));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: toQueueUrl(endpoint, 'dead-letters'),
      AttributeNames: ['All'],
    }),
  );
  const visible = Number(Attributes['ApproximateNumberOfMessages']);
  console.log({ wanted: wanted.length, sent: sent.length, visible });
  const isRight =
    JSON.stringify(sent.toSorted()) === JSON.stringify(wanted.toSorted()) &&
    visible === messages - wanted.length;
  if (!isRight) throw new Error('Not every dead letter was replayed once, or some are hidden');
}

async function drainIds(sqs: SQSClient, queueUrl: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await sqs.send(command);
    if (Messages.length === 0) return ids;
    for (const { Body = '' } of Messages) {
      ids.push((JSON.parse(Body) as { record: { id: string } }).record.id);
    }
  }
}

function toSeconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
}
