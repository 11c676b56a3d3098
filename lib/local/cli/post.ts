import * as v from 'valibot';

/** The response of the webhook endpoint. */
export interface PostResponse {
  readonly status: number;
  readonly statusText: string;
  /** The text of the body. */
  readonly text: string;
  /** `status` of the body; null when the body has none. */
  readonly webhookStatus: string | null;
  /** `id` of the body: the record's id; null when the body has none. */
  readonly id: string | null;
}

const TIMEOUT_MS = 15_000;
const WebhookResponseSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ status: v.string(), id: v.string() }),
);

/** Posts bytes and returns the response. Rejects when there is none within 15 seconds. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<PostResponse> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers },
    body: Uint8Array.from(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  const parsed = v.safeParse(WebhookResponseSchema, text);
  return {
    status: response.status,
    statusText: response.statusText,
    text,
    webhookStatus: parsed.success ? parsed.output.status : null,
    id: parsed.success ? parsed.output.id : null,
  };
}
