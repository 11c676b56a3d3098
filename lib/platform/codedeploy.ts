import { createHash, createHmac } from 'node:crypto';

/** What a hook can report to CodeDeploy. */
export type HookStatus = 'Succeeded' | 'Failed';

/** Reports the status of a hook. Rejects when CodeDeploy has not accepted it. */
export type ReportHookStatus = (
  deploymentId: string,
  executionId: string,
  status: HookStatus,
) => Promise<void>;

/** The credentials of the function's role. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The dependencies of `createHookReporter`. */
export interface HookReporterDeps {
  readonly endpoint: string;
  readonly region: string;
  readonly getCredentials: () => Promise<Credentials>;
  readonly now: () => Date;
}

const TARGET = 'CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus';
const TIMEOUT_MS = 5_000;
const ATTEMPTS = 3;
const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Creates what reports the status of a hook. It is the only call of CodeDeploy, so it is signed here
 * (Signature Version 4), and its SDK client is no dependency.
 */
export function createHookReporter(deps: HookReporterDeps): ReportHookStatus {
  return async (deploymentId, lifecycleEventHookExecutionId, status) => {
    const body = JSON.stringify({ deploymentId, lifecycleEventHookExecutionId, status });
    for (let attempt = 1; ; attempt += 1) {
      try {
        await post(deps, body);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
  };
}

async function post(
  { endpoint, region, getCredentials, now }: HookReporterDeps,
  body: string,
): Promise<void> {
  const { host } = new URL(endpoint);
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: signRequest(body, { host, region, at: now(), ...(await getCredentials()) }),
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  // the text names the deployment, and holds no secret
  if (!response.ok) throw new CodeDeployError(`${response.status} ${await response.text()}`);
}

/**
 * Returns the headers of a signed POST to the root of an endpoint, without `host`, which fetch sets
 * (IAM user guide, Create a signed AWS API request).
 */
export function signRequest(
  body: string,
  request: Credentials & { readonly host: string; readonly region: string; readonly at: Date },
): Record<string, string> {
  const { host, region, at, accessKeyId, secretAccessKey, sessionToken } = request;
  const time = at.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const date = time.slice(0, 8);
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    'x-amz-target': TARGET,
  };
  const signed = Object.entries({ ...headers, host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonical = ['POST', '/', '', lines, names, hash(body)].join('\n');
  const scope = `${date}/${region}/codedeploy/aws4_request`;
  const text = [ALGORITHM, time, scope, hash(canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>((parent, part) => hmac(parent, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, text).toString('hex');
  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** CodeDeploy did not accept the status. The message has its response. */
class CodeDeployError extends Error {
  override readonly name = 'CodeDeployError';
}
