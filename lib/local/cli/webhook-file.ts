import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { StartError } from '../emulator/start-error.ts';
import { WEBHOOK_PATH } from './paths.ts';
import { decodeEventBody, GatewayEventSchema, SqsEventSchema } from './gateway-event.ts';

const JsonSchema = v.pipe(v.string(), v.parseJson());

/** A webhook in a file. */
export interface WebhookFile {
  readonly body: Buffer;
  /** The path that it was posted to: for a payload of its own, that of its mapping. Null when the file has none. */
  readonly path: string | null;
}

/**
 * Reads a webhook from a file: an API Gateway event (base64 or not), else the whole file is the body.
 * @throws StartError when the file cannot be read, or is an SQS event
 */
export async function readWebhookFile(file: string): Promise<WebhookFile> {
  const bytes = await readFile(file).catch(() => {
    throw new StartError(`Cannot read ${file}. Does the file exist?`);
  });
  const content = v.safeParse(JsonSchema, bytes.toString('utf8'));
  if (!content.success) return { body: bytes, path: null };
  if (v.is(SqsEventSchema, content.output)) {
    throw new StartError(`${file} is an SQS event, not a webhook. Use it with sls invoke local.`);
  }
  const event = v.safeParse(GatewayEventSchema, content.output);
  return event.success
    ? { body: decodeEventBody(event.output), path: event.output.rawPath }
    : { body: bytes, path: null };
}

/**
 * Returns the URL for a webhook: that of its mapping, when the URL is that of the plain endpoint.
 * @param path see WebhookFile
 */
export function toWebhookUrl(endpoint: URL, path: string | null): URL {
  const isPlain = endpoint.pathname.replace(/\/$/, '') === WEBHOOK_PATH;
  return isPlain && path !== null && path.startsWith(`${WEBHOOK_PATH}/`)
    ? new URL(path, endpoint)
    : endpoint;
}
