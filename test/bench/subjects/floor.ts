import { createHmac, createSecretKey } from 'node:crypto';
import type { SignedBody } from '../webhooks.ts';

/** The least that any receiver of these webhooks does: HMAC, JSON.parse, JSON.stringify of the same. */
export function prepare({ body, signature, secret }: SignedBody): () => void {
  const bytes = Buffer.from(body);
  const key = createSecretKey(secret, 'utf8');
  return () => {
    if (createHmac('sha256', key).update(bytes).digest('hex') !== signature) throw new Error('no');
    JSON.stringify(JSON.parse(bytes.toString('utf8')));
  };
}
