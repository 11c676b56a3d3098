import { mappings } from '../../../events/fixture-mappings.ts';
import { parseWebhook, timesOnArrival } from '../../receive/parse-webhook.ts';
import type { Purpose, RelayRecord } from '../../record/record.ts';
import { StartError } from '../emulator/start-error.ts';
import { decodeEventBody } from '../cli/gateway-event.ts';
import { WEBHOOK_PATH } from '../cli/paths.ts';
import type { WebhookSample } from '../cli/samples.ts';

/** The webhook in events/ that is each example: one for every purpose, and one of a workflow. */
const EXAMPLES: readonly { name: string; sample: string; purpose: Purpose }[] = [
  { name: 'code', sample: 'code-percent-discount', purpose: 'code' },
  { name: 'promotion', sample: 'promotion', purpose: 'promotion' },
  { name: 'message', sample: 'message-segment-entered', purpose: 'message' },
  { name: 'activity', sample: 'project-voucher-published', purpose: 'activity' },
  { name: 'loyalty', sample: 'workflow-reward-purchased', purpose: 'activity' },
];

/** Fixed, so that the examples do not change: shortly after the time of the samples. */
const TIMES = timesOnArrival('2026-03-05T09:15:03.620Z', null);
const CURRENCY = 'EUR';

/** Normalises a sample to its record, without checking the signature; null when the body is not valid. */
export function toSampleRecord(sample: WebhookSample): RelayRecord | null {
  const mapping = sample.rawPath.slice(WEBHOOK_PATH.length + 1) || null;
  const options = { currency: CURRENCY, mappings };
  const result = parseWebhook(decodeEventBody(sample), mapping, TIMES, options);
  return result.ok ? result.record : null;
}

/**
 * Returns one example record for each purpose, and one of a loyalty program.
 * @returns the records, by the name of the example
 * @throws StartError when a sample is missing or has another purpose
 */
export function buildExampleRecords(
  samples: readonly WebhookSample[],
): ReadonlyMap<string, RelayRecord> {
  return new Map(
    EXAMPLES.map(({ name, sample, purpose }) => {
      const found = samples.find((one) => one.name === sample);
      const record = found && toSampleRecord(found);
      if (record?.data.purpose === purpose) return [name, record];
      throw new StartError(
        `events/${sample}.json is not a webhook with the purpose ${purpose}. It is the example in docs/examples/record-${name}.json.`,
      );
    }),
  );
}
