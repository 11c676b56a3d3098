import { defineMappings } from '../normalise/mapping.ts';
import type { Mapping } from '../normalise/mapping.ts';
import { parseWebhook, timesOnArrival } from '../receive/parse-webhook.ts';
import type { RelayRecord } from '../record/record.ts';
import { WEBHOOK_PATH } from '../local/cli/paths.ts';
import { readWebhookFile } from '../local/cli/webhook-file.ts';

/** How a webhook is read. */
export interface ReadOptions {
  /** What functions/mappings.ts exports; none by default. */
  readonly mappings?: ReadonlyMap<string, Mapping>;
  /** The mapping to read it with; by default the one that the event in the file was posted to. */
  readonly mapping?: string;
  /** When the webhook arrives; now by default. A code can have expired by then. */
  readonly receivedAt?: Date;
  /** The currency of the Voucherify project; none by default. */
  readonly currency?: string;
}

/** The webhook is not valid: receive would quarantine it. The message lists why. */
export class InvalidWebhookError extends Error {
  override readonly name = 'InvalidWebhookError';
}

/**
 * Reads a webhook from a file, and returns the record that receive makes of it.
 * @param file an event of events/, or the body of a webhook; relative to the working directory
 * @throws InvalidWebhookError when receive would quarantine it
 */
export async function readRecord(file: string, options: ReadOptions = {}): Promise<RelayRecord> {
  const { mappings = defineMappings({}), currency = null, receivedAt = new Date() } = options;
  const { body, path } = await readWebhookFile(file);
  const posted = path?.startsWith(`${WEBHOOK_PATH}/`) ? path.slice(WEBHOOK_PATH.length + 1) : null;
  const times = timesOnArrival(receivedAt.toISOString(), null);
  const parsed = parseWebhook(body, options.mapping ?? posted, times, { currency, mappings });
  if (parsed.ok) return parsed.record;
  const issues = parsed.issues.map(({ path: at, message }) => `${at || 'the body'}: ${message}`);
  throw new InvalidWebhookError(`${file} would be quarantined. ${issues.join('; ')}`);
}
