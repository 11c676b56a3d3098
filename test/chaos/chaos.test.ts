import { expect, test } from 'vitest';
import { chaosReport } from './report.ts';
import { runChaos } from './run.ts';
import { printServerlessConfiguration } from '../../lib/local/emulator/serverless-print.ts';
import { describeStack } from '../../lib/local/emulator/stack.ts';
import { EVENTS_FOLDER, PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { readWebhookSamples } from '../../lib/local/cli/samples.ts';

const WEBHOOKS = 200;
/** With this one every kind of fault comes up. */
const SEED = 7;
const LONG = 240_000;

test(
  'with every service and destination failing now and then, nothing is lost and every repetition has a cause',
  async () => {
    const outcome = await runChaos({
      stack: describeStack(await printServerlessConfiguration(PROJECT_FOLDER, 'local')),
      samples: await readWebhookSamples(EVENTS_FOLDER),
      seed: SEED,
      webhooks: WEBHOOKS,
      onProgress: () => {},
    });
    const { text, good } = chaosReport(outcome);
    expect(good, text).toBe(true);
    expect(text.split('\n').at(-1)).toBe('lost: 0');

    expect(outcome).toMatchObject({ acknowledged: WEBHOOKS, givenUp: 0, unrest: [] });
    expect(outcome.quarantined).toBeGreaterThan(0);
    const deliveries = outcome.verdict.rows.reduce((sum, { wanted }) => sum + wanted, 0);
    const disturbed = outcome.verdict.rows.reduce((sum, row) => sum + row.disturbed, 0);
    expect(disturbed).toBeGreaterThan(deliveries / 5);
    for (const { wanted, delivered, dead } of outcome.verdict.rows) {
      expect(delivered + dead).toBe(wanted);
      expect(delivered).toBeGreaterThan(0);
    }
    expect([...outcome.done.keys()].sort()).toEqual(
      expect.arrayContaining([
        '[records] gives a message twice',
        '[records] is out of order',
        '[records] refuses (throttled)',
        '[records] stores and cuts',
        '[retries] gives a message twice',
        '[retries] stores and cuts',
        'a destination answers 429 with Retry-After',
        'a destination answers after the time limit',
        'a destination closes the connection',
        'a destination hangs',
        'fanOut: killed in the middle of a batch',
        'the ledger throttles the note of a delivery',
        'warehouse is down',
      ]),
    );
  },
  LONG,
);
