import type { SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { parseMessage } from './parse-message.ts';

const BatchLineSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ message: v.literal('batch'), records: v.array(v.string()) }),
);

/** A log line with the record ids of a batch. */
export function formatBatchLine({ Records }: Pick<SQSEvent, 'Records'>): string {
  const records = Records.flatMap(({ body }) => parseMessage(body)?.recordId ?? []);
  return `${JSON.stringify({ message: 'batch', records })}\n`;
}

/** Parses such a line into the record ids; null for any other line. */
export function parseBatchLine(line: string): readonly string[] | null {
  const batch = v.safeParse(BatchLineSchema, line);
  return batch.success ? batch.output.records : null;
}
