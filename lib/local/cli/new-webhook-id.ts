import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { StartError } from '../emulator/start-error.ts';

const WebhookIdSchema = v.object({ id: v.pipe(v.string(), v.startsWith('whs_')) });
const UnwrappedPublicationSchema = v.object({
  publication: v.object({ id: v.pipe(v.string(), v.nonEmpty()) }),
});

/**
 * Makes another webhook of a body: an envelope gets a new id, a bare body another publication, by which
 * it gets another record id. Only the id's characters change; all other bytes stay.
 * @param newId an id that was never used, beginning with the text that it gets
 * @throws StartError when the body carries neither
 */
export function withNewId(body: Buffer, newId: (prefix: string) => string): Buffer {
  const text = body.toString('utf8');
  const content = v.safeParse(v.pipe(v.string(), v.parseJson()), text);
  const webhook = v.safeParse(WebhookIdSchema, content.output);
  if (webhook.success) return replaceId(text, webhook.output.id, newId('whs_'));
  const bare = v.safeParse(UnwrappedPublicationSchema, content.output);
  if (bare.success) return replaceId(text, bare.output.publication.id, newId('pub_'));
  throw new StartError(
    '--new-id needs a body with the id of a webhook (whs_...) or of a publication.',
  );
}

/** An id like Voucherify's, by chance. */
export function createRandomId(prefix: string): string {
  return prefix + randomBytes(9).toString('hex');
}

function replaceId(text: string, id: string, newId: string): Buffer {
  return Buffer.from(text.replaceAll(JSON.stringify(id), JSON.stringify(newId)));
}
