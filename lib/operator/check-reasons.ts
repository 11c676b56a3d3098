/** What `check` looks at. `destination` is there once for each destination. */
export const CHECKS = [
  'alarm_recipient',
  'webhook_secret',
  'index_key',
  'concurrency',
  'endpoint',
  'test_webhook',
  'routing',
  'destination',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** What each check is about. docs/operations.md has the same list; a test compares them. */
export const CHECK_MEANINGS: { readonly [Name in CheckName]: string } = {
  alarm_recipient: 'somebody is notified of alarms: the alarm topic has a confirmed subscription',
  webhook_secret: 'the webhook secret can be read, and each line of it is a plausible key',
  index_key: 'the index key can be read and is valid',
  concurrency: "all concurrency caps together fit what the account's quota leaves unreserved",
  endpoint: 'the public endpoint responds with our 401 to a POST without a signature',
  test_webhook: 'receive accepts a signed test webhook and puts its record on [records]',
  routing: 'fanOut routes that record',
  destination: 'the destination has received it',
};

/** Why a check failed or was not made. */
export const CHECK_REASONS = [
  'alarms_off',
  'no_subscription',
  'pending_confirmation',
  'secret_missing',
  'secret_malformed',
  'index_key_missing',
  'index_key_malformed',
  'quota_too_low',
  'endpoint_unreachable',
  'endpoint_status',
  'endpoint_elsewhere',
  'secret_unusable',
  'receive_unreachable',
  'receive_failed',
  'test_webhook_refused',
  'test_webhook_not_sent',
  'index_key_unusable',
  'not_routed',
  'takes_no_tests',
  'not_accepted',
  'paused',
  'given_up',
  'waiting',
  'not_attempted',
  'not_readable',
  'local',
] as const;
export type CheckReason = (typeof CHECK_REASONS)[number];

/** What each reason means, and how to fix it. docs/operations.md has the same list; a test compares them. */
export const CHECK_REASON_FIXES: { readonly [Reason in CheckReason]: string } = {
  alarms_off:
    '`alarms` is `none`, and nobody is subscribed to the alarm topic. Subscribe your pager or chat to `AlarmTopicArn`, or deploy with `alarmEmail`',
  no_subscription: 'nobody is subscribed to the alarm topic. Deploy again with `alarmEmail`',
  pending_confirmation:
    'AWS has mailed a link that nobody has opened. Open it; if the mail is gone, have it sent again (SNS console, the topic, the subscription, Request confirmation)',
  secret_missing:
    'the webhook secret does not exist or is empty. Store the key from Voucherify under `webhookSecretName`',
  secret_malformed:
    'a line of the webhook secret is no plausible key; the detail says which and why. Store it as plain text, one key a line',
  index_key_missing:
    'the secret of the index key does not exist. Restore it in Secrets Manager; without it deliveries cannot be looked up by customer or code',
  index_key_malformed:
    'the index key is not one or two lines of 32 to 512 characters without blanks. Put the newest key in the first line and the one before it in the second',
  quota_too_low:
    "the caps need more concurrent executions than the account has left. Ask AWS for a higher quota (Service Quotas, Lambda), or lower `recordsConcurrency` or a destination's `limit.concurrency`",
  endpoint_unreachable:
    'the endpoint does not respond. Look at the API in the API Gateway console and at the health page of AWS',
  endpoint_status:
    'the endpoint responds with another status. 404: the route is missing, deploy again. 429: raise `requestsPerSecond`. 5xx: read the log of receive',
  endpoint_elsewhere:
    'the 401 is not from receive: something in front of it, such as an authorizer, rejects requests. Voucherify cannot pass it; remove it',
  secret_unusable:
    'the test webhook cannot be signed without a valid webhook secret. Fix the check `webhook_secret` first',
  receive_unreachable:
    'receive could not be invoked; the detail has the error. Run the check again',
  receive_failed: 'receive crashed or ran into its timeout. Read its log',
  test_webhook_refused:
    'receive did not accept the signed test webhook. Find the status and reason of its `webhook` line in the log of receive',
  test_webhook_not_sent: 'the test webhook did not get so far. Fix the check `test_webhook` first',
  index_key_unusable:
    'the test webhook is looked up with the index key. Fix the check `index_key` first',
  not_routed:
    'fanOut did not route the record within 20 seconds: a backlog is in front of it, or fanOut does not run. Look at [records] with `status`, and at the errors of fanOut',
  takes_no_tests:
    'the destination gets no test webhooks. Declare it with `acceptsTestEvents: true` if its receiver can take an invented customer',
  not_accepted:
    'its `accepts` refuses the test webhook, which hands out a code. If it should get codes, correct `accepts`',
  paused:
    'the destination is paused, and the test webhook waits in its queue. Resume it, and check again',
  given_up:
    'the delivery is a dead letter; the detail has its reason. Fix the cause and check again; the dead letter can be deleted',
  waiting:
    'its first attempt failed and is retried; the detail has the reason. Fix the receiver or its secret',
  not_attempted:
    'there was no attempt within 20 seconds: its circuit is open, its batch waits for more records, or a backlog is in front. Look at it with `status`',
  not_readable:
    'the function operator may not or could not read this; the detail has the error, and the permission if one is missing. Deploy again, or run the check again',
  local: 'the stage local has no such service, or `npm start` does not run',
};
