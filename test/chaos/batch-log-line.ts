import type { SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { toldBy } from './parse-message.ts';

const BatchSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ message: v.literal('batch'), records: v.array(v.string()) }),
);

/** The log line that says which records a batch is about. */
export function batchLine({ Records }: Pick<SQSEvent, 'Records'>): string {
  const records = Records.flatMap(({ body }) => toldBy(body)?.recordId ?? []);
  return `${JSON.stringify({ message: 'batch', records })}\n`;
}

/** Reads such a line; null for any other. */
export function recordsOfBatch(line: string): readonly string[] | null {
  const batch = v.safeParse(BatchSchema, line);
  return batch.success ? batch.output.records : null;
}
