import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { ASSUMPTIONS } from './assumptions.ts';
import type { Environment } from './lambda.ts';
import { SqsError, type SqsQueue } from './sqs-queue.ts';

/** The requests that the function makes to SQS. One counts for each 64 KB (Amazon SQS pricing). */
export interface SqsRequestCounts {
  sends: number;
  hides: number;
}

/** SQS as the function reaches it: the queues by their names. */
export interface SqsService {
  /** By the name of the queue. */
  readonly counts: ReadonlyMap<string, SqsRequestCounts>;
  readonly createClient: (environment: Environment) => SQSClient;
}

const BILLED_BYTES = 65_536;

/** Creates SQS with these queues. A call that names another one fails as it does there. */
export function createSqsService(queues: readonly SqsQueue[]): SqsService {
  const byName = new Map(queues.map((queue) => [queue.attributes.name, queue]));
  const counts = new Map<string, SqsRequestCounts>();
  const find = (url: string | undefined): { queue: SqsQueue; requests: SqsRequestCounts } => {
    const name = url?.slice(url.lastIndexOf('/') + 1) ?? '';
    const queue = byName.get(name);
    if (queue === undefined) throw new SqsError('QueueDoesNotExist');
    const requests = counts.get(name) ?? { sends: 0, hides: 0 };
    counts.set(name, requests);
    return { queue, requests };
  };
  const carryOut = (command: object): object => {
    if (command instanceof SendMessageCommand) {
      const { QueueUrl, MessageBody = '', DelaySeconds } = command.input;
      const { queue, requests } = find(QueueUrl);
      requests.sends += Math.ceil(MessageBody.length / BILLED_BYTES);
      queue.send(MessageBody, DelaySeconds);
      return {};
    }
    if (command instanceof SendMessageBatchCommand) {
      const { QueueUrl, Entries = [] } = command.input;
      const { queue, requests } = find(QueueUrl);
      let bytes = 0;
      for (const { MessageBody = '', DelaySeconds } of Entries) {
        bytes += MessageBody.length;
        queue.send(MessageBody, DelaySeconds);
      }
      requests.sends += Math.ceil(bytes / BILLED_BYTES);
      return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
    }
    if (command instanceof ChangeMessageVisibilityCommand) {
      const { QueueUrl, ReceiptHandle = '', VisibilityTimeout = 0 } = command.input;
      const { queue, requests } = find(QueueUrl);
      requests.hides += 1;
      queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
      return {};
    }
    if (command instanceof ChangeMessageVisibilityBatchCommand) {
      const { QueueUrl, Entries = [] } = command.input;
      const { queue, requests } = find(QueueUrl);
      requests.hides += 1;
      const Failed = Entries.flatMap(({ Id, ReceiptHandle = '', VisibilityTimeout = 0 }) => {
        try {
          queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
          return [];
        } catch (error) {
          if (!(error instanceof SqsError)) throw error;
          return [{ Id, Code: error.name, SenderFault: true }];
        }
      });
      return { Failed };
    }
    throw new Error(`The model of SQS knows no ${command.constructor.name}`);
  };
  return {
    counts,
    createClient(environment) {
      const send = (command: object): Promise<object> =>
        environment.call(ASSUMPTIONS.cpuPerCallMs.value, ASSUMPTIONS.queueMs.value, () =>
          carryOut(command),
        );
      return { send } as unknown as SQSClient;
    },
  };
}
