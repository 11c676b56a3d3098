import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { errorName } from '../error-name.ts';
import { SIGNATURE_HEADER } from '../voucherify/signature.ts';
import { toHttpApiEvent } from './test-webhook.ts';

/** The response of receive to a webhook; null when it crashed. */
export type SentWebhook = { readonly status: number; readonly body: string } | null;

/** Sends a webhook through receive, without a signature if that is null. Rejects when receive cannot be reached. */
export type SendWebhook = (
  webhook: { readonly id: string; readonly body: string; readonly signature: string | null },
  signal: AbortSignal,
) => Promise<SentWebhook>;

const ResponseSchema = v.object({ statusCode: v.number(), body: v.string() });

/** Invokes the function receive, from an address of the sender. */
export function createInvoker(
  client: LambdaClient,
  functionName: string,
  sourceIp: string,
): SendWebhook {
  return async ({ id, body, signature }, abortSignal) => {
    const event = toHttpApiEvent(body, signature, { id, sourceIp });
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }),
      { abortSignal },
    );
    const text = Payload?.transformToString() ?? '';
    const response = v.safeParse(v.pipe(v.string(), v.parseJson(), ResponseSchema), text);
    if (FunctionError !== undefined || !response.success) return null;
    return { status: response.output.statusCode, body: response.output.body };
  };
}

/** Posts to the endpoint, in the stage local: it has no Lambda API, and checks no sender's address. */
export function createPoster(endpoint: string): SendWebhook {
  return ({ body, signature }, signal) =>
    post(endpoint, body, signature === null ? {} : { [SIGNATURE_HEADER]: signature }, signal);
}

/** There is no response. Its name is the code of the error: `ECONNREFUSED`, `ENOTFOUND`. */
class NoResponseError extends Error {
  override readonly name: string;

  constructor(cause: unknown) {
    super('There is no response', { cause });
    const parsed = v.safeParse(FetchErrorSchema, cause);
    this.name = parsed.success ? parsed.output.cause.code : errorName(cause);
  }
}

/** `fetch` throws a TypeError, whose cause says what happened. */
const FetchErrorSchema = v.object({ cause: v.object({ code: v.string() }) });

/** Posts JSON to an address. It follows no redirect. Rejects without a response. */
export async function post(
  url: string,
  body: string,
  headers: { readonly [name: string]: string },
  signal: AbortSignal,
): Promise<NonNullable<SentWebhook>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal,
    });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    throw new NoResponseError(error);
  }
}
