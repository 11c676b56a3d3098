import {
  GetQueueAttributesCommand,
  paginateListQueues,
  QueueDoesNotExist,
  type QueueAttributeName,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** The attributes that count messages: ready, delayed, and received but not deleted. */
const COUNTS = [
  ['ApproximateNumberOfMessages', 'ready'],
  ['ApproximateNumberOfMessagesDelayed', 'delayed'],
  ['ApproximateNumberOfMessagesNotVisible', 'hidden until they are retried'],
] as const satisfies readonly (readonly [QueueAttributeName, string])[];

/**
 * Finds the queues of destinations that a deploy would no longer read, and that still have messages. An
 * empty one is no fault.
 * @param queuePrefix what the names of all destination queues of the stage begin with
 * @param plannedNames the names of the queues that exist after the deploy
 * @param declaredIds the ids of all declared destinations, also of those that the stage does not have
 * @returns one text for each, with the number of its messages and how to fix it
 */
export async function findRemovedQueues(
  sqs: SQSClient,
  queuePrefix: string,
  plannedNames: ReadonlySet<string>,
  declaredIds: ReadonlySet<string>,
): Promise<readonly string[]> {
  const urls: string[] = [];
  const pages = paginateListQueues({ client: sqs }, { QueueNamePrefix: queuePrefix });
  for await (const { QueueUrls = [] } of pages) urls.push(...QueueUrls);
  const removed = urls.filter((url) => !plannedNames.has(toName(url)));
  const faults = await Promise.all(
    removed.map(async (url) => {
      const messages = await countMessages(sqs, url);
      if (messages === null) return [];
      const id = toName(url).slice(queuePrefix.length);
      const fix = declaredIds.has(id)
        ? `Set the stage parameter with the address of '${id}' again, declare it with \`retired: true\``
        : `Declare '${id}' again with \`retired: true\`, or, if it has another name now, with \`formerly: '${id}'\``;
      return [
        `The queue ${toName(url)} still has ${messages}, and after this deploy nobody would deliver them. ${fix}, and remove it when its queue is empty.`,
      ];
    }),
  );
  return faults.flat();
}

/** Returns how many messages a queue has, in words; null when it has none. */
export async function countMessages(sqs: SQSClient, url: string): Promise<string | null> {
  const attributes = await readCounts(sqs, url);
  const counts = COUNTS.map(([attribute, what]) => ({
    what,
    count: Number(attributes[attribute] ?? 0),
  })).filter(({ count }) => count > 0);
  const sum = counts.reduce((total, { count }) => total + count, 0);
  if (sum === 0) return null;
  const parts = counts.map(({ count, what }) => `${count} ${what}`).join(', ');
  return `${sum} ${sum === 1 ? 'message' : 'messages'} (${parts})`;
}

async function readCounts(
  sqs: SQSClient,
  url: string,
): Promise<Partial<Record<QueueAttributeName, string>>> {
  const AttributeNames = COUNTS.map(([attribute]) => attribute);
  try {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames }),
    );
    return Attributes;
  } catch (error) {
    // ListQueues still lists a queue that was deleted in the last minute
    if (error instanceof QueueDoesNotExist) return {};
    throw error;
  }
}

function toName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
