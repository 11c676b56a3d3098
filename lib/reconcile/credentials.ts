import * as v from 'valibot';
import { ReconcileError } from './failure.ts';

/** A key of Voucherify: an HTTP header takes it as it is. */
const KeySchema = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,512}$/));
const OriginSchema = v.pipe(v.string(), v.check(isOrigin));

/**
 * The secret with the keys of Voucherify's API, in JSON. The application keys are in Project settings >
 * General > Application keys (Voucherify's guide "Authentication and authorization", as of August 2026). The
 * Management API has keys of its own, and is a feature of the Enterprise plan.
 */
const CredentialsSchema = v.pipe(
  v.strictObject({
    applicationId: KeySchema,
    secretKey: KeySchema,
    /** The region of a shared cluster; a dedicated one has `apiUrl` and `downloadUrl`. */
    region: v.exactOptional(v.picklist(['eu1', 'us1', 'as1'])),
    apiUrl: v.exactOptional(OriginSchema),
    downloadUrl: v.exactOptional(OriginSchema),
    /** The keys of the Management API, to see whether the webhooks of the project are active. */
    management: v.exactOptional(
      v.strictObject({ id: KeySchema, token: KeySchema, projectId: KeySchema }),
    ),
  }),
  v.check(
    ({ region, apiUrl, downloadUrl }) =>
      region === undefined
        ? apiUrl !== undefined && downloadUrl !== undefined
        : apiUrl === undefined && downloadUrl === undefined,
    'region',
  ),
);

/** The keys of Voucherify's API, and where it is. */
export interface Credentials {
  readonly applicationId: string;
  readonly secretKey: string;
  /** The origin of the API: `https://api.voucherify.io`. */
  readonly apiUrl: string;
  /** The origin of the files of exports: `https://download.voucherify.io`. */
  readonly downloadUrl: string;
  readonly management: {
    readonly id: string;
    readonly token: string;
    readonly projectId: string;
  } | null;
}

/** The prefixes of the hosts (Voucherify's OpenAPI, servers, as of August 2026). */
const HOST_PREFIXES = { eu1: '', us1: 'us1.', as1: 'as1.' } as const;

const NAMES: ReadonlySet<string> = new Set([
  'applicationId',
  'secretKey',
  'region',
  'apiUrl',
  'downloadUrl',
  'management',
  'management.id',
  'management.token',
  'management.projectId',
]);

/**
 * Reads the secret.
 * @throws ReconcileError `credentials_invalid`, which names the keys that are wrong and quotes nothing
 */
export function parseCredentials(text: string): Credentials {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), CredentialsSchema), text);
  if (!result.success) {
    throw new ReconcileError('credentials_invalid', { detail: nameFaults(result.issues) });
  }
  const { applicationId, secretKey, region, apiUrl, downloadUrl, management } = result.output;
  const prefix = HOST_PREFIXES[region ?? 'eu1'];
  return {
    applicationId,
    secretKey,
    apiUrl: apiUrl ?? `https://${prefix}api.voucherify.io`,
    downloadUrl: downloadUrl ?? `https://${prefix}download.voucherify.io`,
    management: management ?? null,
  };
}

function nameFaults(issues: readonly v.BaseIssue<unknown>[]): string {
  const names = issues.map((issue) => {
    const path = v.getDotPath(issue);
    if (path === null) return issue.type === 'check' ? 'region' : 'the JSON';
    // a name that we do not know may be a key in the wrong place
    return NAMES.has(path) ? path : 'a key that is not known';
  });
  return `Not valid: ${[...new Set(names)].join(', ')}`;
}

/** Keys are sent there, so it is https; a fake of the API on this machine is not. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.origin !== text) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1');
}
