import { signatureOf, SIGNATURE_HEADER } from '../../lib/voucherify/signature.ts';
import { freshWebhook } from '../../lib/local/cli/new-webhook-id.ts';
import { bodyBytes } from '../../lib/local/cli/gateway-event.ts';
import { LOCAL_SECRET, WEBHOOK_PATH } from '../../lib/local/cli/paths.ts';
import type { WebhookSample } from '../../lib/local/cli/samples.ts';
import type { Chance } from './seeded-random.ts';

/** A webhook to be sent. The one with a number is always the same, byte by byte, in runs of one seed. */
export interface OutgoingWebhook {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** One webhook in that many is genuine but not understood. */
const NOT_UNDERSTOOD_SHARE = 0.02;

/**
 * Makes webhooks out of the samples that should be delivered, each with an id of its own.
 * @param samples those of events/
 */
export function webhookMaker(
  samples: readonly WebhookSample[],
  chance: Chance,
): (number: number) => OutgoingWebhook {
  const bodies = samples
    .filter(({ rawPath, expect }) => rawPath === WEBHOOK_PATH && expect?.delivered.length)
    .map((sample) => bodyBytes(sample));
  return (number) => {
    const chosen = bodies[Math.floor(chance('sample', number) * bodies.length)];
    const understood = chance('understood', number) >= NOT_UNDERSTOOD_SHARE;
    if (chosen === undefined) throw new Error('events/ holds no webhook that is delivered');
    const body = understood
      ? freshWebhook(chosen, (prefix) => `${prefix}chaos${number}`)
      : Buffer.from(JSON.stringify({ greeting: 'Ahoy', berth: number }));
    return {
      body,
      headers: {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: signatureOf(body, LOCAL_SECRET),
      },
    };
  };
}
