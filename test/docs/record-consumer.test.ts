import { spawn } from 'node:child_process';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createSqsDestination } from '../../lib/destinations/sqs.ts';
import { readQueueCounts } from '../../lib/local/emulator/queue-contents.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord, aVoucher, RECEIVED_AT } from '../support/a-record.ts';
import { startAws, type Aws } from '../support/aws.ts';
import { requireRecord } from '../normalise/to-record-result.ts';
import { card, fromWorkflow, member, program, transaction } from '../support/workflow-payloads.ts';
import { readCodeBlocks } from './code-blocks.ts';
import { createDocsProject } from './docs-project.ts';

/** The exports of the documented code; the first test checks that it has these types. */
interface Documented {
  consumeBatch(client: SQSClient, queueUrl: string, work: Work): Promise<number>;
  codeToSend(record: RelayRecord): string | null;
}
interface Work {
  once(id: string, act: () => Promise<void>): Promise<void>;
  act(record: RelayRecord): Promise<void>;
  failed(messageId: string | undefined): void;
}

interface MembersModule {
  readonly findCustomerId: (record: RelayRecord, members: Members) => Promise<string | null>;
}
interface Members {
  save(memberId: string, customerId: string): Promise<void>;
  find(memberId: string): Promise<string | null>;
}

const FILE = 'consumer/consume.ts';
const DELIVERY_CONTEXT = { now: new Date(RECEIVED_AT), signal: new AbortController().signal };

let aws: Aws;
let docsProject: Awaited<ReturnType<typeof createDocsProject>>;
let documented: Documented;
beforeAll(async () => {
  aws = await startAws();
  docsProject = await createDocsProject(readCodeBlocks('docs/record.md'));
  documented = (await docsProject.load(FILE)) as Documented;
});
afterAll(async () => {
  await docsProject.close();
  await aws.stop();
});

/** A queue whose undeleted messages can be received again at once. */
async function createQueue(name: string) {
  const queueUrl = await aws.createQueue(name, { VisibilityTimeout: '0' });
  const destination = createSqsDestination({ name: 'consumers', client: aws.sqs, queueUrl });
  /** Puts records there as fanOut does. */
  const deliverRecords = async (...records: RelayRecord[]): Promise<void> => {
    for (const record of records) {
      expect(await destination.deliver(record, DELIVERY_CONTEXT)).toMatchObject({
        kind: 'delivered',
      });
    }
  };
  return { queueUrl, deliverRecords };
}

/** Creates a `Work` that stores the ids it processed, and fails the given number of times first. */
function createWork(failures = 0) {
  const ids = new Set<string>();
  const done: RelayRecord[] = [];
  const failed: (string | undefined)[] = [];
  let failuresLeft = failures;
  const work: Work = {
    async once(id, act) {
      if (ids.has(id)) return;
      await act();
      ids.add(id);
    },
    async act(record) {
      failuresLeft -= 1;
      if (failuresLeft >= 0) throw new Error('the system is down');
      done.push(record);
    },
    failed: (messageId) => failed.push(messageId),
  };
  return { work, done, failed };
}

describe('the TypeScript consumer of docs/record.md', () => {
  it('has the right types', async () => {
    expect(await docsProject.findTypeErrors()).toBe('');
  });

  it('processes each record, then deletes it', async () => {
    const { queueUrl, deliverRecords } = await createQueue('each');
    await deliverRecords(aRecord({ id: 'whs_one' }), aRecord({ id: 'whs_two' }));
    const { work, done } = createWork();
    expect(await documented.consumeBatch(aws.sqs, queueUrl, work)).toBe(2);
    expect(done.map(({ id }) => id).sort()).toEqual(['whs_one', 'whs_two']);
    expect(await aws.drain(queueUrl)).toEqual([]);
  });

  it('processes a record once that was delivered twice', async () => {
    const { queueUrl, deliverRecords } = await createQueue('twice');
    await deliverRecords(aRecord(), aRecord());
    const { work, done } = createWork();
    expect(await documented.consumeBatch(aws.sqs, queueUrl, work)).toBe(2);
    expect(done).toHaveLength(1);
    expect(await aws.drain(queueUrl)).toEqual([]);
  });

  it('leaves a failed record on the queue, and processes it the next time', async () => {
    const { queueUrl, deliverRecords } = await createQueue('failing');
    await deliverRecords(aRecord());
    const { work, done, failed } = createWork(1);
    expect(await documented.consumeBatch(aws.sqs, queueUrl, work)).toBe(0);
    expect([done.length, failed.length]).toEqual([0, 1]);
    expect(await documented.consumeBatch(aws.sqs, queueUrl, work)).toBe(1);
    expect(done).toHaveLength(1);
  });

  it('processes the other messages when one cannot be parsed', async () => {
    const { queueUrl, deliverRecords } = await createQueue('invalid');
    await aws.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'not a record' }));
    await deliverRecords(aRecord());
    const { work, done, failed } = createWork();
    expect(await documented.consumeBatch(aws.sqs, queueUrl, work)).toBe(1);
    expect([done.length, failed.length]).toEqual([1, 1]);
    expect(await aws.drain(queueUrl)).toMatchObject([{ Body: 'not a record' }]);
  });

  it('runs against a local queue when the environment says where it is', async () => {
    const { queueUrl, deliverRecords } = await createQueue('local');
    await deliverRecords(aRecord({ id: 'whs_local' }));
    const child = spawn(process.execPath, [docsProject.path('consumer/main.ts')], {
      env: {
        AWS_ENDPOINT_URL_SQS: aws.sqsEndpoint,
        CONSUMERS_QUEUE_URL: queueUrl,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill());
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += String(chunk)));
    await expect.poll(() => printed, { timeout: 20_000 }).toBe('whs_local code\n');
    const countMessages = async () => (await readQueueCounts(aws.sqsEndpoint)).get('local');
    await expect.poll(countMessages, { timeout: 20_000 }).toBe(0);
  });

  it('sends a code only if the purpose is code and the voucher is usable', () => {
    const unusable = aVoucher({ usable: false, unusableReasons: ['expired'] });
    expect(documented.codeToSend(aRecord())).toBe('HARBOUR-K7Q2');
    expect(documented.codeToSend(aRecord({ data: { voucher: unusable } }))).toBeNull();
    expect(documented.codeToSend(aRecord({ data: { purpose: 'activity' } }))).toBeNull();
    expect(documented.codeToSend(aRecord({ data: { voucher: null } }))).toBeNull();
  });
});

describe('which customer a member is', () => {
  /** The table that a consumer implements. */
  function createMembers() {
    const byMember = new Map<string, string>();
    return {
      save: async (memberId: string, customerId: string) => void byMember.set(memberId, customerId),
      find: async (memberId: string) => byMember.get(memberId) ?? null,
    };
  }
  const ENROLLED = requireRecord(
    fromWorkflow('vl.member.created', { member: member(), program: program() }),
  );
  const CODE_MADE = requireRecord(
    fromWorkflow('vl.card.code_generation.succeeded', { card: card(), program: program() }),
  );
  const EARNED = requireRecord(
    fromWorkflow('POINTS_EARNED', transaction('POINTS_EARNED', { points: { total: 5 } })),
  );
  const SET_UP = requireRecord(fromWorkflow('vl.program.created', { program: program() }));

  it.each([
    ['the member', ENROLLED],
    ["the member's card", CODE_MADE],
  ])('is learned from an event of %s', async (_, record) => {
    const { findCustomerId } = (await docsProject.load('consumer/members.ts')) as MembersModule;
    const members = createMembers();
    expect(await findCustomerId(EARNED, members)).toBeNull();
    expect(await findCustomerId(record, members)).toBe('cust_mara1');
    expect(await findCustomerId(EARNED, members)).toBe('cust_mara1');
  });

  it('is not needed for a record that names its customer, or is about nobody', async () => {
    const { findCustomerId } = (await docsProject.load('consumer/members.ts')) as MembersModule;
    expect(await findCustomerId(aRecord(), createMembers())).toBe('cust_u9');
    expect(await findCustomerId(SET_UP, createMembers())).toBeNull();
  });
});
