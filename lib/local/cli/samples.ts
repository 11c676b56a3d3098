import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { StartError } from '../emulator/start-error.ts';
import { GatewayEventSchema, SqsEventSchema } from './gateway-event.ts';

/** What should become of a sample's webhook. `answer` is the HTTP status. */
const ExpectationSchema = v.object({
  httpStatus: v.number(),
  status: v.nullable(v.string()),
  /** The destinations that get the record, each exactly once. */
  delivered: v.array(v.string()),
  /** The sample whose webhook this one repeats. */
  duplicateOf: v.optional(v.string()),
  /** How many dead letters it leaves. */
  deadLetters: v.optional(v.number(), 0),
});
export type Expectation = v.InferOutput<typeof ExpectationSchema>;

const SampleSchema = v.object({
  ...GatewayEventSchema.entries,
  about: v.optional(v.string(), ''),
  expect: v.optional(ExpectationSchema),
});

/** A webhook of events/: an event of API Gateway, what it shows, and what should become of it. */
export type WebhookSample = v.InferOutput<typeof SampleSchema> & {
  /** The file's name without `.json`. */
  readonly name: string;
};

/**
 * Reads every webhook of a folder, by name. Events of SQS are left out.
 * @throws StartError that names a file which is neither
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
        `events/${file} is no sample: ${v.getDotPath(issue) ?? ''} ${issue.message}`,
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
