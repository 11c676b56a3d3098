import * as v from 'valibot';
import type { ReadSecret } from './secret-reader.ts';
import { createSecretsManagerReader } from './secrets-manager.ts';
import { createSsmReader } from './ssm.ts';

/** Where the webhook's secret stands. */
export const SecretStoreSchema = v.pipe(
  v.optional(v.string(), ''),
  v.transform((text) => (text === '' ? 'secrets-manager' : text)),
  v.picklist(['secrets-manager', 'ssm'], 'is neither secrets-manager nor ssm'),
);
export type SecretStore = v.InferOutput<typeof SecretStoreSchema>;

/**
 * The reader of a store that a setting names.
 *
 * Both clients are in the bundle and one of them is made: the second adds a sixth to receive's bundle
 * (125 KB). Importing it only when asked for would add half (360 KB), because esbuild, which writes one
 * file, then keeps what nobody uses of it.
 */
export function createSecretReader(store: SecretStore): ReadSecret {
  return store === 'ssm' ? createSsmReader() : createSecretsManagerReader();
}
