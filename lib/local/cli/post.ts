import * as v from 'valibot';

/** An endpoint's answer. */
export interface PostedAnswer {
  readonly status: number;
  readonly statusText: string;
  /** The text of the body. */
  readonly text: string;
  /** `status` and `id` of the answer to a webhook, where it has them. */
  readonly outcome: string | null;
  readonly id: string | null;
}

const LIMIT_MS = 15_000;
const WebhookAnswerSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ status: v.string(), id: v.string() }),
);

/** Posts bytes. Rejects when nothing answers within 15 seconds. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<PostedAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers },
    body: Uint8Array.from(body),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const text = await response.text();
  const answer = v.safeParse(WebhookAnswerSchema, text);
  return {
    status: response.status,
    statusText: response.statusText,
    text,
    outcome: answer.success ? answer.output.status : null,
    id: answer.success ? answer.output.id : null,
  };
}
