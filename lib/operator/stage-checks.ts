import { GetAccountSettingsCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import * as v from 'valibot';
import { type IndexKey, type IndexKeys } from '../deliveries/index-keys.ts';
import { SecretError } from '../platform/cached-secret.ts';
import { WebhookSecretSchema } from '../voucherify/webhook-secret.ts';
import { CHECK_REASON_FIXES, type CheckName, type CheckReason } from './check-reasons.ts';
import { NOT_LOCAL, type Part, readPart, type Unread } from './read-part.ts';
import { post } from './send-webhook.ts';

/** What one check found. */
export interface CheckResult {
  readonly check: CheckName;
  /** The name of the destination, for the check `destination`. */
  readonly destination: string | null;
  readonly result: 'ok' | 'failed' | 'not_checked';
  /** Null when it is ok. */
  readonly reason: CheckReason | null;
  /** Figures, names of errors, reason codes; never a value of a secret. */
  readonly detail: string | null;
  /** What the reason means, and how to fix it. */
  readonly fix: string | null;
}

/** The check is ok. */
export function passed(check: CheckName, detail: string | null = null): CheckResult {
  return { check, destination: null, result: 'ok', reason: null, detail, fix: null };
}

/** The check failed. */
export function failed(
  check: CheckName,
  reason: CheckReason,
  detail: string | null = null,
): CheckResult {
  const fix = CHECK_REASON_FIXES[reason];
  return { check, destination: null, result: 'failed', reason, detail, fix };
}

/** The check could not be made, or there is nothing to check. */
export function notChecked(
  check: CheckName,
  reason: CheckReason,
  detail: string | null = null,
): CheckResult {
  return { ...failed(check, reason, detail), result: 'not_checked' };
}

/** The check needs something that cannot be read. */
export function unreadable(check: CheckName, { reason, error, permission }: Unread): CheckResult {
  if (reason === 'local') return notChecked(check, 'local');
  const detail = permission === null ? error : `${error}: ${permission} is missing`;
  return notChecked(check, 'not_readable', detail);
}

const NOT_FOUND = /NotFound/;

/** Checks whether somebody is notified of alarms. @param areAlarmsOff `alarms` is `none` */
export async function checkAlarmRecipient(
  sns: SNSClient,
  topicArn: string,
  areAlarmsOff: boolean,
): Promise<CheckResult> {
  const check = 'alarm_recipient';
  const arns = await readPart('sns:ListSubscriptionsByTopic', async (abortSignal) => {
    const pages = paginateListSubscriptionsByTopic(
      { client: sns },
      { TopicArn: topicArn },
      { abortSignal },
    );
    const found: string[] = [];
    for await (const { Subscriptions = [] } of pages) {
      found.push(...Subscriptions.map(({ SubscriptionArn = '' }) => SubscriptionArn));
    }
    return found;
  });
  if (!arns.ok) return unreadable(check, arns);
  // one that waits for its confirmation has `PendingConfirmation` in place of an ARN, a removed one `Deleted`
  const confirmed = arns.value.filter((arn) => arn.startsWith('arn:')).length;
  const pending = arns.value.filter((arn) => arn === 'PendingConfirmation').length;
  const detail = `${confirmed} confirmed, ${pending} not confirmed`;
  if (confirmed > 0) return passed(check, detail);
  if (pending > 0) return failed(check, 'pending_confirmation', detail);
  return areAlarmsOff ? notChecked(check, 'alarms_off') : failed(check, 'no_subscription');
}

/** The keys of the webhook secret; none when it is not valid. */
export interface CheckedSecret {
  readonly result: CheckResult;
  readonly keys: readonly string[];
}

/** Checks the webhook secret, by the rules by which receive reads it. @param read reads its text */
export async function checkWebhookSecret(read: () => Promise<string>): Promise<CheckedSecret> {
  const check = 'webhook_secret';
  const text = await readPart('secretsmanager:GetSecretValue or ssm:GetParameter', read);
  if (!text.ok) {
    const isMissing = NOT_FOUND.test(text.error ?? '');
    const result = isMissing
      ? failed(check, 'secret_missing', text.error)
      : unreadable(check, text);
    return { result, keys: [] };
  }
  const secret = v.safeParse(WebhookSecretSchema, text.value);
  if (!secret.success) {
    // the issues name lines and what is wrong with them, and quote nothing
    const issues = secret.issues.map(({ message }) => message).join('; ');
    return { result: failed(check, 'secret_malformed', issues), keys: [] };
  }
  const keys = secret.output;
  if (keys.length === 0) return { result: failed(check, 'secret_missing', 'empty'), keys };
  return { result: passed(check, keys.length === 1 ? '1 key' : `${keys.length} keys`), keys };
}

/** The index keys; null when they are not valid. */
export interface CheckedIndexKeys {
  readonly result: CheckResult;
  readonly keys: readonly [IndexKey, ...IndexKey[]] | null;
}

/** Checks the index key. @param read reads it, and does not have it cached */
export async function checkIndexKey(read: IndexKeys): Promise<CheckedIndexKeys> {
  const check = 'index_key';
  const keys = await readPart('secretsmanager:GetSecretValue', () =>
    read().catch((error: unknown) => {
      throw error instanceof SecretError ? error.cause : error;
    }),
  );
  if (keys.ok) {
    const count = keys.value.length;
    return { result: passed(check, count === 1 ? '1 key' : `${count} keys`), keys: keys.value };
  }
  const { error } = keys;
  // what parsing throws: the store has other errors
  if (error === 'TypeError') return { result: failed(check, 'index_key_malformed'), keys: null };
  if (NOT_FOUND.test(error ?? '')) {
    return { result: failed(check, 'index_key_missing', error), keys: null };
  }
  return { result: unreadable(check, keys), keys: null };
}

/**
 * Checks whether the caps fit the quota of the account.
 * @param lambda null in the stage local
 * @param needed what the caps of the stack need of what no function has reserved
 */
export async function checkConcurrency(
  lambda: LambdaClient | null,
  needed: number,
): Promise<CheckResult> {
  const check = 'concurrency';
  const limit: Part<{ readonly quota: number; readonly unreserved: number }> =
    lambda === null
      ? NOT_LOCAL
      : await readPart('lambda:GetAccountSettings', async (abortSignal) => {
          const command = new GetAccountSettingsCommand({});
          const { AccountLimit } = await lambda.send(command, { abortSignal });
          const quota = AccountLimit?.ConcurrentExecutions ?? 0;
          return { quota, unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? quota };
        });
  if (!limit.ok) return unreadable(check, limit);
  const { quota, unreserved } = limit.value;
  const detail = `${needed} needed; the quota is ${quota}, of which ${unreserved} are unreserved`;
  return needed <= unreserved ? passed(check, detail) : failed(check, 'quota_too_low', detail);
}

const UNAUTHORIZED = 401;
const ProblemSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ status: v.literal(UNAUTHORIZED), detail: v.string() }),
);

/** Checks the public endpoint with a request that has no signature. @param endpoint null when it is not known */
export async function checkEndpoint(endpoint: string | null): Promise<CheckResult> {
  const check = 'endpoint';
  if (endpoint === null) return notChecked(check, 'local');
  const response = await readPart('none', (signal) => post(endpoint, '{}', {}, signal));
  if (!response.ok) return failed(check, 'endpoint_unreachable', response.error);
  const { status, body } = response.value;
  if (status !== UNAUTHORIZED) return failed(check, 'endpoint_status', `status ${status}`);
  return v.is(ProblemSchema, body) ? passed(check) : failed(check, 'endpoint_elsewhere');
}
