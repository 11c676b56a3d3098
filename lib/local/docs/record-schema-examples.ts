import { mappings } from '../../../events/fixture-mappings.ts';
import { parseWebhook, timesOnArrival } from '../../receive/parse-webhook.ts';
import type { Purpose, RelayRecord } from '../../record/record.ts';
import { StartError } from '../emulator/start-error.ts';
import { decodeEventBody } from '../cli/gateway-event.ts';
import { WEBHOOK_PATH } from '../cli/paths.ts';
import type { WebhookSample } from '../cli/samples.ts';

/** The webhook in events/ that is the example of each purpose. */
const SAMPLE_BY_PURPOSE: { readonly [Kind in Purpose]: string } = {
  code: 'code-percent-discount',
  promotion: 'promotion',
  message: 'message-segment-entered',
  activity: 'project-voucher-published',
};

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
 * Returns one example record for each purpose.
 * @throws StartError when a sample is missing or has another purpose
 */
export function buildExampleRecords(
  samples: readonly WebhookSample[],
): ReadonlyMap<string, RelayRecord> {
  return new Map(
    Object.entries(SAMPLE_BY_PURPOSE).map(([purpose, name]) => {
      const sample = samples.find((one) => one.name === name);
      const record = sample && toSampleRecord(sample);
      if (record?.data.purpose === purpose) return [purpose, record];
      throw new StartError(
        `events/${name}.json is not a webhook with the purpose ${purpose}. It is the example in docs/examples/record-${purpose}.json.`,
      );
    }),
  );
}
