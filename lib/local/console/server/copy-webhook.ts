import { formatCurl } from '../../cli/signed-curl.ts';
import { StartError } from '../../emulator/start-error.ts';
import { prettyPrintJson } from '../presentation/format-json.ts';
import { createWebhookMask } from '../presentation/webhook-mask.ts';
import type { CopyFormat } from '../commands.ts';
import type { ReceivedWebhook } from '../state/received-webhook.ts';
import type { RecordTimeline } from '../state/timeline.ts';
import { pickHeaders } from './send-webhook.ts';

/** What to copy. */
export interface CopyRequest {
  readonly format: CopyFormat;
  /** The URL of the pipeline, without a path. */
  readonly endpoint: string;
  /** Whether to show codes, e-mail addresses and names. A curl command shows them in any case. */
  readonly reveal: boolean;
}

/**
 * Returns a webhook as a text for the clipboard. The curl command posts the same bytes with the signature that
 * came with them, to the pipeline on this machine.
 * @throws StartError when there is no record, or not all of the text is stored
 */
export function copyWebhook(
  webhook: ReceivedWebhook,
  timeline: RecordTimeline | null,
  { format, endpoint, reveal }: CopyRequest,
): string {
  const { body, bytes, truncatedCharacters, headers, path } = webhook;
  const recordText = timeline?.recordText ?? null;
  const { mask } = createWebhookMask(webhook, recordText, reveal);
  switch (format) {
    case 'body':
      requireWhole('body', truncatedCharacters);
      return mask(body);
    case 'record':
      if (recordText === null) throw new StartError('This webhook has no record to copy.');
      requireWhole('record', timeline?.truncatedCharacters ?? 0);
      return prettyPrintJson(mask(recordText));
    case 'curl': {
      requireWhole('body', truncatedCharacters);
      if (Buffer.byteLength(body) !== bytes || body.includes('\0'))
        throw new StartError(
          'The body of this webhook is no text, so no command line can hold it.',
        );
      const sent = Object.entries(pickHeaders(headers)).filter(([, value]) => value !== '');
      return formatCurl(endpoint + path, Object.fromEntries(sent), body);
    }
  }
}

function requireWhole(what: string, truncatedCharacters: number): void {
  if (truncatedCharacters > 0)
    throw new StartError(
      `The ${what} of this webhook is too large: the console stores only its start.`,
    );
}
