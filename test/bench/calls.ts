import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createLedger } from '../../lib/fan-out/idempotency.ts';
import type { AwsCall } from '../../lib/local/emulator/aws-call-log.ts';
import { startEmulators } from '../../lib/local/emulator/emulators.ts';
import { startPipeline } from '../../lib/local/emulator/emulator.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { signatureOf, SIGNATURE_HEADER } from '../../lib/voucherify/signature.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';
import { aDestination, fanOutTo } from '../support/fan-out.ts';
import { aRecord } from '../support/a-record.ts';
import { recordingJournal } from '../support/recording-telemetry.ts';
import { LOCAL_SECRET } from '../support/samples.ts';
import { makeLedgerTable } from '../support/idempotency-table.ts';
import { benchBody } from './webhooks.ts';

/** What the emulators counted: `service:operation resource` of each call, by who made it. */
export interface CountedCalls {
  readonly webhooks: number;
  readonly receive: readonly string[];
  readonly fanOut: readonly string[];
  /** What the functions wrote into their logs, metrics among it. */
  readonly logBytes: { readonly receive: number; readonly fanOut: number };
}

const WEBHOOKS = 5;
const QUIET_WITHIN_MS = 20_000;
/** What CloudWatch adds to each line (its price list: 26 bytes). */
const LOG_OVERHEAD_BYTES = 26;

/**
 * Sends webhooks through the whole local pipeline, with the destinations of functions/destinations.ts:
 * the queue `consumers` and one HTTP receiver.
 */
export async function countCalls(): Promise<CountedCalls> {
  const calls: AwsCall[] = [];
  const logBytes = { receive: 0, fanOut: 0 };
  const pipeline = await startPipeline({
    projectFolder: PROJECT_FOLDER,
    onAwsCall: (call) => calls.push(call),
    onLine({ functionName, text }) {
      const bytes = Buffer.byteLength(text) + LOG_OVERHEAD_BYTES;
      if (functionName === 'receive' || functionName === 'fanOut') logBytes[functionName] += bytes;
    },
  });
  try {
    for (let n = 0; n < WEBHOOKS; n += 1) {
      const body = benchBody().replace('whs_pct7Kd93mQ', `whs_counted_${n}`);
      const headers = { [SIGNATURE_HEADER]: signatureOf(body, LOCAL_SECRET) };
      const address = `${pipeline.httpEndpoint}/webhooks/voucherify`;
      await fetch(address, { method: 'POST', headers, body });
    }
    const rest = await pipeline.quiet(QUIET_WITHIN_MS);
    if (!rest.quiet) throw new Error('The pipeline did not come to rest');
  } finally {
    await pipeline.stop();
  }
  const by = (caller: string): string[] =>
    calls.filter((call) => call.caller === caller).map(described);
  return { webhooks: WEBHOOKS, receive: by('receive'), fanOut: by('fanOut'), logBytes };
}

/** The calls for one delivery to a destination with a key of the business (`once`). */
export async function countCallsWithOnce(): Promise<readonly string[]> {
  const calls: AwsCall[] = [];
  const emulators = await startEmulators(undefined, (call) => calls.push(call));
  const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: emulators.dynamoEndpoint });
  try {
    await makeLedgerTable(client, 'ledger');
    calls.length = 0;
    const ledger = createLedger(client, 'ledger', recordingJournal());
    const destination = aDestination({ name: 'crm', once: ({ id }) => id });
    await fanOutTo([destination], { ledger }).take(aRecord());
  } finally {
    client.destroy();
    await emulators.stop();
  }
  return calls.map(described);
}

function described({ service, operation, resource }: AwsCall): string {
  return `${service}:${operation} ${resource}`;
}
