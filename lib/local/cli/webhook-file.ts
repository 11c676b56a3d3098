import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { StartError } from '../emulator/start-error.ts';
import { decodeEventBody, GatewayEventSchema, SqsEventSchema } from './gateway-event.ts';

const JsonSchema = v.pipe(v.string(), v.parseJson());

/**
 * Reads the body of a webhook from a file: the body of an API Gateway event (base64 or not), else the whole
 * file.
 * @throws StartError when the file cannot be read, or is an SQS event
 */
export async function readWebhookFile(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch(() => {
    throw new StartError(`Cannot read ${file}. Does the file exist?`);
  });
  const content = v.safeParse(JsonSchema, bytes.toString('utf8'));
  if (!content.success) return bytes;
  if (v.is(SqsEventSchema, content.output)) {
    throw new StartError(`${file} is an SQS event, not a webhook. Use it with sls invoke local.`);
  }
  const event = v.safeParse(GatewayEventSchema, content.output);
  return event.success ? decodeEventBody(event.output) : bytes;
}
