import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { StartError } from '../emulator/start-error.ts';
import { GatewayEventSchema, SqsEventSchema } from './gateway-event.ts';

/** The expected result of a sample's webhook. */
const ExpectationSchema = v.object({
  httpStatus: v.number(),
  /** `status` of the response; null when the response has none. */
  status: v.nullable(v.string()),
  /** The destinations that receive the record, each exactly once. */
  delivered: v.array(v.string()),
  /** The sample of which this one is a duplicate. */
  duplicateOf: v.optional(v.string()),
  /** How many dead letters it causes. */
  deadLetters: v.optional(v.number(), 0),
});
export type Expectation = v.InferOutput<typeof ExpectationSchema>;

const SampleSchema = v.looseObject({
  ...GatewayEventSchema.entries,
  about: v.optional(v.string(), ''),
  expect: v.optional(ExpectationSchema),
});

/** A webhook in events/: an API Gateway event with a description and an expected result. */
export type WebhookSample = v.InferOutput<typeof SampleSchema> & {
  /** The name of the file without `.json`. */
  readonly name: string;
};

/**
 * Reads every webhook of a folder, sorted by name. SQS events are left out.
 * @throws StartError for a file that is neither a webhook nor an SQS event
 */
export async function readWebhookSamples(folder: string): Promise<WebhookSample[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const samples: WebhookSample[] = [];
  for (const file of files) {
    const content = parseJson(await readFile(join(folder, file), 'utf8'));
    if (v.is(SqsEventSchema, content)) continue;
    const sample = v.safeParse(SampleSchema, content);
    if (!sample.success) {
      const [issue] = sample.issues;
      throw new StartError(
        `events/${file} is not a valid sample: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`,
      );
    }
    samples.push({ ...sample.output, name: file.slice(0, -'.json'.length) });
  }
  return samples;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
