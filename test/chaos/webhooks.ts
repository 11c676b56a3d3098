import { sign, SIGNATURE_HEADER } from '../../lib/voucherify/signature.ts';
import { withNewId } from '../../lib/local/cli/new-webhook-id.ts';
import { decodeEventBody } from '../../lib/local/cli/gateway-event.ts';
import { LOCAL_SECRET, WEBHOOK_PATH } from '../../lib/local/cli/paths.ts';
import type { WebhookSample } from '../../lib/local/cli/samples.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A webhook to send. For one index and seed it is always the same, byte for byte. */
export interface OutgoingWebhook {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** The share of webhooks that are genuine but not valid. */
const INVALID_SHARE = 0.02;

/**
 * Makes webhooks from the samples that are delivered somewhere, each with its own id.
 * @param samples those of events/
 */
export function createWebhookFactory(
  samples: readonly WebhookSample[],
  random: SeededRandom,
): (index: number) => OutgoingWebhook {
  const bodies = samples
    .filter(({ rawPath, expect }) => rawPath === WEBHOOK_PATH && expect?.delivered.length)
    .map((sample) => decodeEventBody(sample));
  return (index) => {
    const sampleBody = bodies[Math.floor(random('sample', index) * bodies.length)];
    const isValid = random('understood', index) >= INVALID_SHARE;
    if (sampleBody === undefined)
      throw new Error('events/ has no sample with expect.delivered: add one');
    const body = isValid
      ? withNewId(sampleBody, (prefix) => `${prefix}chaos${index}`)
      : Buffer.from(JSON.stringify({ greeting: 'Ahoy', berth: index }));
    return {
      body,
      headers: {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: sign(body, LOCAL_SECRET),
      },
    };
  };
}
