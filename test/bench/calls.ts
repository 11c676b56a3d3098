import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import type { AwsCall } from '../../lib/local/emulator/aws-call-log.ts';
import { startAwsEmulators } from '../../lib/local/emulator/aws-emulators.ts';
import { startLocalPipeline } from '../../lib/local/emulator/local-pipeline.ts';
import { readFixtureStack } from '../../lib/local/emulator/fixture-stack.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { sign, SIGNATURE_HEADER } from '../../lib/voucherify/signature.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';
import { aDelivery, aDestination, createTestFanOut } from '../support/fan-out.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { LOCAL_SECRET } from '../support/samples.ts';
import { createDeliveriesTable as createTable } from '../support/deliveries-table.ts';
import { benchBody } from './webhooks.ts';

/** Each call that the emulators counted, as `service:operation resource`, by the function that made it. */
export interface CountedCalls {
  readonly webhooks: number;
  readonly receive: readonly string[];
  readonly fanOut: readonly string[];
  /** Bytes that the functions wrote to their logs, metrics included. */
  readonly logBytes: { readonly receive: number; readonly fanOut: number };
}

const WEBHOOKS = 5;
const IDLE_TIMEOUT_MS = 20_000;
/** CloudWatch Logs bills 26 bytes more for each log event (its pricing page). */
const LOG_OVERHEAD_BYTES = 26;

/**
 * Sends webhooks through the whole local pipeline, with the destinations of events/fixture-destinations.ts:
 * the queue `consumers` and one HTTP receiver.
 */
export async function countCalls(): Promise<CountedCalls> {
  const calls: AwsCall[] = [];
  const logBytes = { receive: 0, fanOut: 0 };
  const pipeline = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: await readFixtureStack(PROJECT_FOLDER),
    onAwsCall: (call) => calls.push(call),
    onLine({ functionName, text }) {
      const bytes = Buffer.byteLength(text) + LOG_OVERHEAD_BYTES;
      if (functionName === 'receive' || functionName === 'fanOut') logBytes[functionName] += bytes;
    },
  });
  try {
    for (let n = 0; n < WEBHOOKS; n += 1) {
      const body = benchBody().replace('whs_pct7Kd93mQ', `whs_counted_${n}`);
      const headers = { [SIGNATURE_HEADER]: sign(body, LOCAL_SECRET) };
      const url = `${pipeline.httpEndpoint}/webhooks/voucherify`;
      await fetch(url, { method: 'POST', headers, body });
    }
    const idle = await pipeline.waitUntilIdle(IDLE_TIMEOUT_MS);
    if (!idle.isIdle) throw new Error('The pipeline did not become idle');
  } finally {
    await pipeline.stop();
  }
  const callsBy = (caller: string): string[] =>
    calls.filter((call) => call.caller === caller).map(describeCall);
  return { webhooks: WEBHOOKS, receive: callsBy('receive'), fanOut: callsBy('fanOut'), logBytes };
}

/** Counts the calls for one delivery to a destination with `deduplicateBy`. */
export async function countCallsWithDeduplication(): Promise<readonly string[]> {
  const calls: AwsCall[] = [];
  const emulators = await startAwsEmulators(undefined, (call) => calls.push(call));
  const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: emulators.dynamoEndpoint });
  try {
    await createTable(client, 'deliveries');
    calls.length = 0;
    const deliveries = createDeliveriesTable({
      client,
      tableName: 'deliveries',
      historyDays: 90,
      now: () => new Date(),
      random: Math.random,
      wait,
    });
    const destination = aDestination({ name: 'crm', deduplicateBy: ({ id }) => id });
    const record = aRecord({ data: { voucher: aVoucher({ expiresAt: null }) } });
    await createTestFanOut([destination], { deliveries }).deliver('crm', aDelivery(record, 'crm'));
  } finally {
    client.destroy();
    await emulators.stop();
  }
  return calls.map(describeCall);
}

function describeCall({ service, operation, resource }: AwsCall): string {
  return `${service}:${operation} ${resource}`;
}
