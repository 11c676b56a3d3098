import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { StartError } from '../emulator/start-error.ts';

const WebhookIdSchema = v.object({ id: v.pipe(v.string(), v.startsWith('whs_')) });
const UnwrappedPublicationSchema = v.object({
  publication: v.object({ id: v.pipe(v.string(), v.nonEmpty()) }),
});

/**
 * Replaces the id in a body, so that it counts as another webhook: the webhook id of an envelope, else the
 * publication id of a body without an envelope, which determines the record id. All other bytes stay.
 * @param newId returns an unused id with the given prefix
 * @throws StartError when the body has neither id
 */
export function withNewId(body: Buffer, newId: (prefix: string) => string): Buffer {
  const text = body.toString('utf8');
  const content = v.safeParse(v.pipe(v.string(), v.parseJson()), text);
  const webhook = v.safeParse(WebhookIdSchema, content.output);
  if (webhook.success) return replaceId(text, webhook.output.id, newId('whs_'));
  const bare = v.safeParse(UnwrappedPublicationSchema, content.output);
  if (bare.success) return replaceId(text, bare.output.publication.id, newId('pub_'));
  throw new StartError('--new-id needs a body with a webhook id (whs_...) or with publication.id.');
}

/** Creates a random id in Voucherify's format. */
export function createRandomId(prefix: string): string {
  return prefix + randomBytes(9).toString('hex');
}

function replaceId(text: string, id: string, newId: string): Buffer {
  return Buffer.from(text.replaceAll(JSON.stringify(id), JSON.stringify(newId)));
}
