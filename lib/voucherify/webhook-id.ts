/** Voucherify's id of a webhook (vendor facts, section 2.1). */
const WEBHOOK_ID = /whs_[0-9A-Za-z_-]{1,128}/.source;
const WHOLE = new RegExp(`^${WEBHOOK_ID}$`);
/**
 * The first key `id` with a webhook's id. Inside a JSON string every quote has a backslash before it, so
 * a text that quotes such a key does not match.
 */
const IN_TEXT = new RegExp(String.raw`"(?:id|webhook_id)"[ \t\r\n]*:[ \t\r\n]*"(${WEBHOOK_ID})"`);

/** Says whether a value is an id that Voucherify gives to webhooks, and to nothing else. */
export function isWebhookId(value: unknown): value is string {
  return typeof value === 'string' && WHOLE.test(value);
}

/**
 * Finds Voucherify's id of a webhook whose body cannot be parsed, so that a person can find it in
 * Voucherify. Works on any bytes: broken JSON, and text that is not UTF-8. Null when there is none.
 */
export function findWebhookIdInText(body: Buffer): string | null {
  return IN_TEXT.exec(body.toString('latin1'))?.[1] ?? null;
}
