import * as v from 'valibot';
import type { HookStatus, ReportHookStatus } from '../platform/codedeploy.ts';
import {
  OptionalStringSchema,
  RequiredStringSchema,
  RequiredUrlSchema,
} from '../platform/config.ts';
import { ReceiveVariablesSchema } from '../receive/settings.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { findReleaseFaults } from './release-checks.ts';
import type { SendWebhook } from './send-webhook.ts';
import { checkWebhookSecret } from './stage-checks.ts';

const { WEBHOOK_SECRET, WEBHOOK_SECRET_NAME, SENDER_REGION, SENDER_ADDRESSES } =
  ReceiveVariablesSchema.entries;

/** The environment variables of the function releaseCheck. */
export const ReleaseSettingsSchema = v.object({
  /** The ARN of the version of receive that is released. */
  RECEIVE_VERSION: RequiredStringSchema,
  CODEDEPLOY_ENDPOINT: RequiredUrlSchema,
  WEBHOOK_SECRET,
  WEBHOOK_SECRET_NAME,
  SENDER_REGION,
  SENDER_ADDRESSES,
  // Lambda sets it
  AWS_REGION: OptionalStringSchema,
});

/** What CodeDeploy invokes a hook with (CodeDeploy user guide, AppSpec hooks for Lambda). */
const HookEventSchema = v.object({
  DeploymentId: v.string(),
  LifecycleEventHookExecutionId: v.string(),
});

/** The dependencies of `createReleaseHook`. */
export interface ReleaseHookDeps {
  /** Sends to the version that is released. */
  readonly send: SendWebhook;
  /** Reads the webhook secret. */
  readonly readWebhookSecret: () => Promise<string>;
  readonly report: ReportHookStatus;
  readonly telemetry: Pick<Telemetry, 'error'>;
  /** Returns a new id of a webhook, `whs_...`. */
  readonly createId: () => string;
  readonly now: () => Date;
}

/** All checks together: three invocations that may be cold starts. */
const CHECK_MS = 30_000;

/**
 * Creates the handler that CodeDeploy invokes before a new version of receive gets webhooks. It reports
 * whether the version passed the checks; else CodeDeploy ends the deployment, and CloudFormation goes back.
 * Whatever happens while it checks is a failed check: without a report CodeDeploy would wait for an hour.
 */
export function createReleaseHook(deps: ReleaseHookDeps): (event: unknown) => Promise<HookStatus> {
  return async (event) => {
    const { DeploymentId, LifecycleEventHookExecutionId } = v.parse(HookEventSchema, event);
    const issues = await findFaults(deps).catch(() => ['The checks could not be made.']);
    if (issues.length > 0) deps.telemetry.error({ code: 'release_refused', issues });
    const status = issues.length === 0 ? 'Succeeded' : 'Failed';
    await deps.report(DeploymentId, LifecycleEventHookExecutionId, status);
    return status;
  };
}

async function findFaults(deps: ReleaseHookDeps): Promise<readonly string[]> {
  const { result, keys } = await checkWebhookSecret(deps.readWebhookSecret);
  const [key] = keys;
  if (key === undefined) {
    return [`the webhook secret: ${[result.reason, result.detail].filter(Boolean).join(', ')}`];
  }
  const signal = AbortSignal.timeout(CHECK_MS);
  return findReleaseFaults(deps.send, key, deps.createId, deps.now(), signal);
}
