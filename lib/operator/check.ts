import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SNSClient } from '@aws-sdk/client-sns';
import * as v from 'valibot';
import type { IndexKey, IndexKeys } from '../deliveries/index-keys.ts';
import { listPaused } from '../deliveries/paused-destinations.ts';
import { sign } from '../voucherify/signature.ts';
import { isTimestamp } from '../voucherify/timestamp.ts';
import { createDeliveryFinder, type FoundDelivery } from './find-deliveries.ts';
import { type Part, readPart } from './read-part.ts';
import type { SendWebhook } from './send-webhook.ts';
import {
  checkAlarmRecipient,
  checkConcurrency,
  checkEndpoint,
  checkIndexKey,
  checkWebhookSecret,
  type CheckResult,
  failed,
  notChecked,
  passed,
  unreadable,
} from './stage-checks.ts';
import { MAX_DESTINATIONS, StatusDestinationSchema } from './status.ts';
import { createTestBody, isQueuedTest, toTestCode } from './test-webhook.ts';

const CheckDestinationSchema = v.strictObject({
  ...StatusDestinationSchema.entries,
  /** It has `acceptsTestEvents` and is not retired. */
  takesTests: v.boolean(),
});

/** The test webhook of a check that is not over. */
const ContinuationSchema = v.strictObject({
  /** The id of the test webhook. */
  id: v.pipe(v.string(), v.regex(/^whs_[0-9a-f]{32}$/)),
  /** When it was sent, RFC 3339. */
  sentAt: v.pipe(v.string(), v.check(isTimestamp)),
  /** Whether its record was found to be routed. */
  isRouted: v.boolean(),
  /** The names of the destinations whose result is not known yet. */
  pending: v.pipe(v.array(v.string()), v.maxLength(MAX_DESTINATIONS)),
});
type Continuation = v.InferOutput<typeof ContinuationSchema>;

/** The request to check a stage. Each call has the same destinations, and the continuation of the last. */
export const CheckRequestSchema = v.strictObject({
  command: v.literal('check'),
  destinations: v.pipe(v.array(CheckDestinationSchema), v.maxLength(MAX_DESTINATIONS)),
  continuation: v.optional(v.nullable(ContinuationSchema), null),
});
export type CheckRequest = v.InferOutput<typeof CheckRequestSchema>;
type CheckDestination = CheckRequest['destinations'][number];

/** What a call found. */
export interface CheckReport {
  readonly command: 'check';
  /** The checks that were decided in this call; the next calls add others. */
  readonly checks: readonly CheckResult[];
  /** For the next call; null when every check is decided. */
  readonly continuation: Continuation | null;
}

/** The dependencies of `createCheck`. */
export interface CheckDeps {
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
  /** Null in the stage local, which has no Lambda API. */
  readonly lambda: LambdaClient | null;
  readonly tableName: string;
  readonly alarmTopicArn: string;
  /** `alarms` is `none`. */
  readonly areAlarmsOff: boolean;
  /** What the concurrency caps of the stack need of what no function of the account has reserved. */
  readonly neededConcurrency: number;
  /** Reads the webhook secret at each call. */
  readonly readWebhookSecret: () => Promise<string>;
  /** Creates the reader of the index key, with nothing cached. */
  readonly createIndexKeys: () => IndexKeys;
  /** The public URL; null where it is not known. */
  readonly endpoint: string | null;
  /** Null where no test webhook can be sent. */
  readonly sendWebhook: SendWebhook | null;
  /** Returns 32 random hexadecimal digits. */
  readonly createToken: () => string;
  readonly now: () => Date;
  readonly wait: (ms: number) => Promise<unknown>;
}

/** How long the test webhook is followed after it was sent. */
const FOLLOW_MS = 20_000;
/** A call waits no longer than this, so that it ends well within 30 seconds. */
const SLICE_MS = 15_000;
const POLL_MS = 500;
const LOOK_UP_PERMISSION = 'dynamodb:Query or dynamodb:BatchGetItem';

/**
 * Creates the command `check`: whether a stage works, after a deploy. It sends one test webhook, with an
 * invented customer and code, through receive, and follows it to each destination that takes tests. The
 * first call decides what it can; while deliveries are not decided it gives a continuation.
 */
export function createCheck(deps: CheckDeps): (request: CheckRequest) => Promise<CheckReport> {
  return async ({ destinations, continuation }) => {
    const endMs = deps.now().getTime() + SLICE_MS;
    const indexKeys = await checkIndexKey(deps.createIndexKeys());
    const report = (checks: readonly CheckResult[], next: Continuation | null): CheckReport => ({
      command: 'check',
      checks,
      continuation: next,
    });
    if (continuation !== null) {
      const followed = await follow(deps, indexKeys.keys, destinations, continuation, endMs);
      return report(followed.checks, followed.continuation);
    }

    const [alarmRecipient, secret, concurrency, endpoint] = await Promise.all([
      checkAlarmRecipient(deps.sns, deps.alarmTopicArn, deps.areAlarmsOff),
      checkWebhookSecret(deps.readWebhookSecret),
      checkConcurrency(deps.lambda, deps.neededConcurrency),
      checkEndpoint(deps.endpoint),
    ]);
    const checks = [alarmRecipient, secret.result, indexKeys.result, concurrency, endpoint];
    const [key] = secret.keys;
    const id = `whs_${deps.createToken()}`;
    const sentAt = deps.now();
    const sent = await sendTest(deps, id, key, sentAt);
    const testers = destinations.filter(({ takesTests }) => takesTests);
    const others = destinations
      .filter(({ takesTests }) => !takesTests)
      .map(({ name }) => ofDestination(name, notChecked('destination', 'takes_no_tests')));
    if (sent.result !== 'ok') {
      const rest = [
        notChecked('routing', 'test_webhook_not_sent'),
        ...testers.map(({ name }) =>
          ofDestination(name, notChecked('destination', 'test_webhook_not_sent')),
        ),
      ];
      return report([...checks, sent, ...rest, ...others], null);
    }
    const followed = await follow(
      deps,
      indexKeys.keys,
      destinations,
      {
        id,
        sentAt: sentAt.toISOString(),
        isRouted: false,
        pending: testers.map(({ name }) => name),
      },
      endMs,
    );
    return report([...checks, sent, ...followed.checks, ...others], followed.continuation);
  };
}

/** Sends the test webhook. @param key signs it */
async function sendTest(
  { sendWebhook }: CheckDeps,
  id: string,
  key: string | undefined,
  at: Date,
): Promise<CheckResult> {
  const check = 'test_webhook';
  if (sendWebhook === null) return notChecked(check, 'local');
  if (key === undefined) return notChecked(check, 'secret_unusable');
  const body = createTestBody(id, at);
  const response = await readPart('lambda:InvokeFunction', (signal) =>
    sendWebhook({ id, body, signature: sign(body, key) }, signal),
  );
  if (!response.ok) {
    return response.reason === 'denied'
      ? unreadable(check, response)
      : failed(check, 'receive_unreachable', response.error);
  }
  if (response.value === null) return failed(check, 'receive_failed', id);
  return isQueuedTest(response.value)
    ? passed(check, id)
    : failed(check, 'test_webhook_refused', `status ${response.value.status}; ${id}`);
}

/** The checks that were decided, and what is left of them. */
interface Followed {
  readonly checks: readonly CheckResult[];
  readonly continuation: Continuation | null;
}

/** Looks up the deliveries of the test webhook until each is decided or the time is over. */
async function follow(
  deps: CheckDeps,
  keys: readonly [IndexKey, ...IndexKey[]] | null,
  destinations: readonly CheckDestination[],
  { id, sentAt, isRouted, pending }: Continuation,
  endMs: number,
): Promise<Followed> {
  const left = new Map(
    destinations
      .filter(({ name }) => pending.includes(name))
      .map((destination) => [destination.name, destination]),
  );
  const checks: CheckResult[] = [];
  const decide = (name: string, result: CheckResult): void => {
    left.delete(name);
    checks.push(ofDestination(name, result));
  };
  const decideAll = (result: CheckResult): Followed => {
    if (!routed) checks.push({ ...result, check: 'routing' });
    for (const name of left.keys()) decide(name, result);
    return { checks, continuation: null };
  };
  let routed = isRouted;
  if (keys === null) return decideAll(notChecked('destination', 'index_key_unusable'));

  const finder = createDeliveryFinder({
    client: deps.dynamo,
    tableName: deps.tableName,
    keys: async () => keys,
  });
  const followUntilMs = Date.parse(sentAt) + FOLLOW_MS;
  for (;;) {
    const found = await readPart(LOOK_UP_PERMISSION, () => finder.byCode(toTestCode(id)));
    const isOver = deps.now().getTime() >= followUntilMs;
    if (found.ok) {
      const { deliveries } = found.value;
      if (deliveries.length > 0 && !routed) {
        routed = true;
        checks.push(passed('routing'));
      }
      for (const { name, id: destinationId } of routed ? [...left.values()] : []) {
        const delivery = deliveries.find(({ destination }) => destination === destinationId);
        const result = judge(delivery);
        if (result !== null) decide(name, result);
      }
    } else if (isOver || found.reason === 'denied') {
      return decideAll(unreadable('destination', found));
    }
    if (routed && left.size === 0) return { checks, continuation: null };
    if (isOver) {
      if (!routed) return decideAll(failed('destination', 'not_routed'));
      await decideLate(deps, found, left, decide);
      return { checks, continuation: null };
    }
    if (deps.now().getTime() >= endMs) {
      const continuation = { id, sentAt, isRouted: routed, pending: [...left.keys()] };
      return { checks, continuation };
    }
    await deps.wait(POLL_MS);
  }
}

/** What a delivery that has come to an end says; null while it has not. */
function judge(delivery: FoundDelivery | undefined): CheckResult | null {
  const check = 'destination';
  // the record is routed, and not to this destination
  if (delivery === undefined) return notChecked(check, 'not_accepted');
  const { state } = delivery;
  if (state === 'delivered') return passed(check);
  return state === 'dead' ? failed(check, 'given_up', describe(delivery)) : null;
}

/** Decides what the time was not enough for. */
async function decideLate(
  { dynamo, tableName }: CheckDeps,
  found: Part<{ readonly deliveries: readonly FoundDelivery[] }>,
  left: ReadonlyMap<string, CheckDestination>,
  decide: (name: string, result: CheckResult) => void,
): Promise<void> {
  const pauses = await readPart('dynamodb:Query', () => listPaused(dynamo, tableName));
  const deliveries = found.ok ? found.value.deliveries : [];
  for (const { name, id } of left.values()) {
    const delivery = deliveries.find(({ destination }) => destination === id);
    if (pauses.ok && pauses.value.some((pause) => pause.id === id)) {
      decide(name, notChecked('destination', 'paused'));
    } else if (delivery?.state === 'waiting') {
      decide(name, failed('destination', 'waiting', describe(delivery)));
    } else {
      decide(name, failed('destination', 'not_attempted'));
    }
  }
}

function describe({ reason, status }: FoundDelivery): string {
  return status === null ? (reason ?? 'unknown') : `${reason ?? 'unknown'}, status ${status}`;
}

function ofDestination(destination: string, result: CheckResult): CheckResult {
  return { ...result, check: 'destination', destination };
}
