import { expect, test } from 'vitest';
import { formatChaosReport } from './report.ts';
import { runChaos } from './run.ts';
import { readChaosStack } from './read-stack.ts';
import { EVENTS_FOLDER, PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { readWebhookSamples } from '../../lib/local/cli/samples.ts';

const WEBHOOKS = 200;
/** With this seed every kind of fault occurs. */
const SEED = 7;
const TIMEOUT_MS = 240_000;

test(
  'while every service and destination fails at times, nothing is lost and every duplicate has a known cause',
  async () => {
    const result = await runChaos({
      stack: await readChaosStack(PROJECT_FOLDER),
      samples: await readWebhookSamples(EVENTS_FOLDER),
      seed: SEED,
      webhookCount: WEBHOOKS,
      onProgress: () => {},
    });
    const { text, hasPassed } = formatChaosReport(result);
    expect(hasPassed, text).toBe(true);
    expect(text.split('\n').at(-1)).toBe('lost: 0');

    expect(result).toMatchObject({ acknowledged: WEBHOOKS, givenUpCount: 0, unfinished: [] });
    expect(result.quarantined).toBeGreaterThan(0);
    const deliveries = result.guarantees.rows.reduce((sum, { accepted }) => sum + accepted, 0);
    const faultyCount = result.guarantees.rows.reduce((sum, row) => sum + row.faulty, 0);
    expect(faultyCount).toBeGreaterThan(deliveries / 5);
    for (const { accepted, delivered, deadLettered } of result.guarantees.rows) {
      expect(delivered + deadLettered).toBe(accepted);
      expect(delivered).toBeGreaterThan(0);
    }
    // which records share a batch, and so a fault, is not the same in every run
    const faults = [...result.injectedFaults.keys()].map((fault) =>
      fault.replace(/^\[to-.*?\]/, '[to-*]'),
    );
    expect(faults).toEqual(
      expect.arrayContaining([
        '[records] delivers a message twice',
        '[records] is out of order',
        '[records] rejects (throttled)',
        '[records] stores and cuts',
        '[to-*] delivers a message twice',
        '[to-*] stores and cuts',
        '[to-*] fails an entry of a batch (InternalError)',
        '[consumers] fails an entry of a batch (InternalError)',
        '[consumers] fails an entry of a batch (ThrottlingException)',
        'profiles refuses a request because of some of its records',
        'profiles with many records: refuses a record',
        'profiles with many records: puts off a record',
        'profiles with many records: has no result for a record',
        '[to-*] does not hide messages',
        'a destination responds 429 with Retry-After',
        'a destination responds after the timeout',
        'a destination closes the connection',
        'a destination hangs',
        'fanOut: killed in the middle of a batch',
        'DynamoDB throttles finishing a row',
        'warehouse is down',
      ]),
    );
  },
  TIMEOUT_MS,
);
