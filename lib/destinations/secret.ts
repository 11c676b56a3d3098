import { createCachedSecret, type CachedSecret } from '../platform/cached-secret.ts';
import { ConfigError } from '../platform/config.ts';
import type { FetchSecret } from '../platform/fetch-secret.ts';
import type { Need, Runtime, StageParameter } from './declaration.ts';
import { isSigningSecret } from './standard-webhooks.ts';

/**
 * A secret of a destination: a function that reads its value at the first call and caches it. With
 * `newest`, for a value that a receiver rejected, it reads again unless it did so a short time ago.
 * Rejects when the secret cannot be read, is empty or is malformed (parseSecretText).
 */
export type Secret = CachedSecret<string>;

/**
 * The prefix that marks a secret's value in place of its name, in the stage local. No store allows a colon
 * in a name.
 */
export const INLINE_SECRET_PREFIX = 'inline:';

/** The value that a secret has in the stage local, unless it is declared with another: valid for signing too. */
const DEFAULT_LOCAL_SECRET = 'whsec_bG9jYWwtZGVzdGluYXRpb24tc2VjcmV0';

/** A secret that a destination is declared with: where it is stored, and under which name. */
export interface SecretReference {
  readonly kind: 'secret' | 'parameter';
  readonly secretName: string | StageParameter;
  readonly local: string;
  /** Opens the store. Part of the reference, so that only a store that is in use is bundled. */
  readonly createFetcher: () => FetchSecret;
}

/** The options of a secret. */
export interface SecretOptions {
  /** The secret itself in the stage local; by default a text that is valid as a key and for signing. */
  readonly local?: string;
}

/** Creates the reference to a secret. Neither the store nor the environment is read. */
export function createSecretReference(
  kind: SecretReference['kind'],
  secretName: string | StageParameter,
  createFetcher: () => FetchSecret,
  options: SecretOptions = {},
): SecretReference {
  return { kind, secretName, createFetcher, local: options.local ?? DEFAULT_LOCAL_SECRET };
}

/** States that a destination needs a secret, whose name is in the given environment variable. */
export function toSecretNeed(variable: string, reference: SecretReference): Need {
  const { kind, secretName, local } = reference;
  return { kind, variable, secretName, local };
}

/**
 * Creates the secret whose name, or in the stage local whose value, is in an environment variable. It
 * rejects while the variable is missing or empty, so that deliveries wait until a deploy sets it.
 */
export function createSecret(
  reference: SecretReference,
  variable: string,
  { environment }: Pick<Runtime, 'environment'>,
  now: () => Date = () => new Date(),
): Secret {
  const nameOrValue = environment[variable] ?? '';
  if (nameOrValue === '') {
    return async () => {
      throw new ConfigError(`${variable} is missing: deploy again`);
    };
  }
  // opened at the first read, so that a function without deliveries does not create the store's client
  let fetchSecret: FetchSecret | null = null;
  return createCachedSecret({
    read: async () => {
      if (nameOrValue.startsWith(INLINE_SECRET_PREFIX)) {
        return nameOrValue.slice(INLINE_SECRET_PREFIX.length);
      }
      fetchSecret ??= reference.createFetcher();
      return fetchSecret(nameOrValue);
    },
    parse: parseSecretText,
    isUsable: () => true,
    now,
  });
}

/** Control characters, blanks but the plain one, what shows nothing, and the quotes of a word processor. */
const NEVER_IN_A_KEY = /[\p{Cc}\p{Default_Ignorable_Code_Point}\u2018-\u201f]|[^\S ]/u;
const PEM = /^-----BEGIN [A-Z0-9 ]+-----\n[^]*\n-----END [A-Z0-9 ]+-----$/;

/**
 * Returns a secret without the white space around it. Several lines are only the signing secrets of a
 * rotation, or a key in PEM form (RFC 7468).
 * @throws TypeError when it is empty, or when a copy or paste has left in it what no key has. It must
 * count as a secret that cannot be read: a request that such a key spoils would be a dead letter.
 */
export function parseSecretText(text: string): string {
  const content = text.trim();
  if (content === '') throw new TypeError('The secret is empty');
  const lines = content.split(/\r\n|\r|\n/).map((line) => line.trim());
  if (!content.isWellFormed() || lines.some((line) => NEVER_IN_A_KEY.test(line))) {
    throw new TypeError('The secret has a control, invisible or curly character');
  }
  const isOneKey = lines.length === 1 || PEM.test(lines.join('\n'));
  if (!isOneKey && !lines.every((line) => line === '' || isSigningSecret(line))) {
    throw new TypeError('The secret has several lines');
  }
  return content;
}
