import * as v from 'valibot';

/** An endpoint's answer. */
export interface PostResponse {
  readonly status: number;
  readonly statusText: string;
  /** The text of the body. */
  readonly text: string;
  /** `status` and `id` of the answer to a webhook, where it has them. */
  readonly webhookStatus: string | null;
  readonly id: string | null;
}

const TIMEOUT_MS = 15_000;
const WebhookResponseSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ status: v.string(), id: v.string() }),
);

/** Posts bytes. Rejects when nothing answers within 15 seconds. */
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
