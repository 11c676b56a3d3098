import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { StartError } from '../emulator/start-error.ts';
import { decodeEventBody, GatewayEventSchema, SqsEventSchema } from './gateway-event.ts';

const JsonSchema = v.pipe(v.string(), v.parseJson());

/**
 * Reads the bytes of a webhook's body from a file: the body inside a gateway event (of events/, base64
 * or not), or the file as it is.
 * @throws StartError when there is no such file, or when it is an event of SQS
 */
export async function readWebhookFile(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch(() => {
    throw new StartError(`There is no file ${file}.`);
  });
  const content = v.safeParse(JsonSchema, bytes.toString('utf8'));
  if (!content.success) return bytes;
  if (v.is(SqsEventSchema, content.output)) {
    throw new StartError(`${file} is an event of SQS, not a webhook. It is for sls invoke local.`);
  }
  const event = v.safeParse(GatewayEventSchema, content.output);
  return event.success ? decodeEventBody(event.output) : bytes;
}
