import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Destination } from '../../lib/destinations/destination.ts';
import { createEventBridgeDestination } from '../../lib/destinations/eventbridge.ts';
import { createSnsDestination } from '../../lib/destinations/sns.ts';
import { createSqsDestination } from '../../lib/destinations/sqs.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { aDelivery, NOW } from '../support/fan-out.ts';
import { startSimulatedQueue } from '../support/simulated-queue.ts';

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

/** What a service does with an entry: the first time, and `invalid` each time. */
type Fate = 'stored' | 'invalid' | 'throttled' | 'fails' | 'without a result';
type Kind = 'sqs' | 'sns' | 'eventbridge';
/** How a whole call ends; `lost`: the service has stored it, and the response does not arrive. */
type CallEnd = 'responds' | 'down' | 'throttled' | 'denied' | 'refused' | 'lost' | 'crash';

/** The codes of a failed entry; null: it is none. */
const CODES = {
  stored: null,
  'without a result': null,
  invalid: { Code: 'InvalidMessageContents', SenderFault: true },
  throttled: { Code: 'ThrottlingException', SenderFault: true },
  fails: { Code: 'InternalFailure', SenderFault: false },
} as const;
const ERRORS = {
  down: ['InternalFailure', 500],
  throttled: ['ThrottlingException', 400],
  denied: ['AccessDenied', 403],
  refused: ['ValidationException', 400],
} as const;

function awsError(name: string, status: number | undefined): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });
}

/** The texts of the messages of a call. */
function readTexts(command: object): (string | undefined)[] {
  if (command instanceof SendMessageBatchCommand) {
    return (command.input.Entries ?? []).map(({ MessageBody }) => MessageBody);
  }
  if (command instanceof PublishBatchCommand) {
    return (command.input.PublishBatchRequestEntries ?? []).map(({ Message }) => Message);
  }
  if (command instanceof PutEventsCommand) {
    return (command.input.Entries ?? []).map(({ Detail }) => Detail);
  }
  throw new Error(`No call for many messages: ${command.constructor.name}`);
}

/** A service that stores what it is sent, as scripted. */
function startService(kind: Kind, fates: readonly Fate[], ends: readonly CallEnd[]) {
  const stored: string[] = [];
  const callSizes: number[] = [];
  const uncertain = new Map<string, number>();
  const seen = new Set<string>();

  const store = (id: string, isUncertain: boolean): void => {
    stored.push(id);
    if (isUncertain) uncertain.set(id, (uncertain.get(id) ?? 0) + 1);
  };
  const judge = (id: string): Fate => {
    const fate = fates[Number(id.slice('whs_'.length))] ?? 'stored';
    if (fate === 'invalid' || !seen.has(id)) {
      seen.add(id);
      return fate;
    }
    return 'stored';
  };
  const respond = (ids: readonly string[]): object => {
    const judged = ids.map((id, index) => ({ id, Id: String(index), fate: judge(id) }));
    for (const { id, fate } of judged) {
      if (CODES[fate] === null) store(id, fate === 'without a result');
    }
    if (kind === 'eventbridge') {
      return { Entries: judged.map(({ fate }) => ({ ErrorCode: CODES[fate]?.Code })) };
    }
    return {
      Successful: judged.filter(({ fate }) => fate === 'stored').map(({ Id }) => ({ Id })),
      Failed: judged.flatMap(({ Id, fate }) => (CODES[fate] ? [{ Id, ...CODES[fate] }] : [])),
    };
  };

  const createClient = (crash: () => Promise<never>) => ({
    async send(command: object): Promise<object> {
      const ids = readTexts(command).map((text) => (JSON.parse(text ?? '{}') as { id: string }).id);
      const end = ends[callSizes.length] ?? 'responds';
      callSizes.push(ids.length);
      if (end === 'responds') return respond(ids);
      if (end === 'crash' || end === 'lost') {
        for (const id of ids) store(id, end === 'lost');
        if (end === 'crash') return crash();
        throw awsError('TimeoutError', undefined);
      }
      const [name, status] = ERRORS[end];
      throw awsError(name, status);
    },
  });
  const createDestination = (crash: () => Promise<never>): Destination => {
    const client = createClient(crash) as unknown;
    switch (kind) {
      case 'sqs':
        return createSqsDestination({
          name: 'crm',
          client: client as SQSClient,
          queueUrl: 'https://queue.example.test/crm.fifo',
        });
      case 'sns':
        return createSnsDestination({
          name: 'crm',
          client: client as SNSClient,
          topicArn: 'arn:aws:sns:eu-west-1:000000000000:crm',
        });
      case 'eventbridge':
        return createEventBridgeDestination({
          name: 'crm',
          client: client as EventBridgeClient,
          busName: 'crm',
        });
    }
  };
  return { stored, callSizes, uncertain, createDestination };
}

it.each<Kind>(['sqs', 'sns', 'eventbridge'])(
  'records that share calls of %s are never lost, and stored twice only after an uncertain call or a crash',
  async (kind) => {
    const anyRun = fc.record({
      fates: fc.array(
        fc.constantFrom<Fate>(
          'stored',
          'stored',
          'invalid',
          'throttled',
          'fails',
          // EventBridge has a result for each entry
          kind === 'eventbridge' ? 'stored' : 'without a result',
        ),
        { minLength: 1, maxLength: 25 },
      ),
      ends: fc.array(
        fc.constantFrom<CallEnd>(
          'responds',
          'down',
          'throttled',
          'denied',
          'refused',
          'lost',
          'crash',
        ),
        { maxLength: 6 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ fates, ends }) => {
        vi.setSystemTime(NOW);
        const service = startService(kind, fates, ends);
        const queue = startSimulatedQueue({ createDestination: service.createDestination });
        const ids = fates.map((_, n) => `whs_${n}`);
        for (const id of ids) {
          const data = { voucher: aVoucher({ expiresAt: null }) };
          queue.send(aDelivery(aRecord({ id, data }), 'crm'));
        }
        await queue.drain(2_000);

        for (const [n, id] of ids.entries()) {
          const copies = service.stored.filter((each) => each === id).length;
          const letters = queue.deadLetters.filter(
            (each) => 'record' in each && each.record.id === id,
          );
          const state = queue.table.rows.get(`${id} crm`)?.end?.state;
          const uncertain = service.uncertain.get(id) ?? 0;
          const crashes = queue.countCrashes();
          expect(copies + letters.length).toBeGreaterThan(0);
          expect(copies).toBeLessThanOrEqual(1 + uncertain + crashes);
          // a call that is refused as a whole is one record's fault only when it is alone
          const mayBeDead = fates[n] === 'invalid' || ends.includes('refused') || crashes >= 3;
          const mustBeDead = fates[n] === 'invalid' && copies === 0;
          expect(state).toBeOneOf([
            ...(mustBeDead ? [] : ['delivered']),
            ...(mayBeDead ? ['dead'] : []),
          ]);
          expect(letters.length).toBe(state === 'dead' ? 1 : 0);
        }
        expect(Math.max(...service.callSizes)).toBeLessThanOrEqual(10);
        // without a failure the calls are as few as can be
        const isSmooth = ends.length === 0 && fates.every((fate) => fate === 'stored');
        const fewest = Math.ceil(fates.length / 10);
        expect(service.callSizes.length).toBeLessThanOrEqual(isSmooth ? fewest : Infinity);
      }),
      { numRuns: 60 },
    );
  },
);
