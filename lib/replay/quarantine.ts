import * as v from 'valibot';
import { fitsIntoMessage, messageBody } from '../platform/sqs-message.ts';
import type { SendMessage } from '../platform/sqs.ts';
import {
  bytesOf,
  type QuarantinedWebhook,
  QuarantinedWebhookSchema,
} from '../receive/quarantine-message.ts';
import { type Reader, understand } from '../receive/parse-webhook.ts';
import type { Issue } from '../record/record.ts';
import type { Held } from './drain-queue.ts';
import type { IdentifiedVerdict } from './told.ts';

/** What a run found out about one message of [quarantine]. */
export interface QuarantineFinding {
  readonly status: 'understood' | 'not_understood' | 'unreadable';
  readonly event: string | null;
  readonly issues: readonly Issue[];
}

export interface QuarantineDeps {
  readonly reader: Reader;
  /** Puts a message on [records]. */
  readonly queueRecord: SendMessage;
  /** Puts a message on [quarantine], not to be seen before this run is over. */
  readonly quarantineForLater: SendMessage;
  readonly now: () => Date;
}

/**
 * Judges a quarantined webhook with what this release understands, by the same intake as `receive`;
 * its signature was judged when it came. Whether its voucher can be used is judged anew, by now.
 */
export function judgeQuarantined(
  { reader, queueRecord, quarantineForLater, now }: QuarantineDeps,
  { body }: Held,
): IdentifiedVerdict<QuarantineFinding> {
  const webhook = parseQuarantined(body);
  if (webhook === null) {
    const issues = [{ path: '', message: 'Expected a message that receive wrote' }];
    return { id: null, finding: { status: 'unreadable', event: null, issues }, move: null };
  }
  const understanding = understand(
    bytesOf(webhook.body),
    webhook.mapping,
    now().toISOString(),
    reader,
  );
  if (!understanding.understood) {
    const { id, form, event, issues } = understanding;
    const changed = messageBody(issues) !== messageBody(webhook.issues);
    const message = messageBody({ ...webhook, form, event, issues });
    return {
      id,
      finding: { status: 'not_understood', event, issues },
      move: changed && fitsIntoMessage(message) ? () => quarantineForLater(message) : null,
    };
  }
  const { record } = understanding;
  const message = messageBody(record);
  if (!fitsIntoMessage(message)) {
    const issues = [{ path: '', message: 'The record is larger than a queue message can be' }];
    const finding = { status: 'not_understood', event: record.type, issues } as const;
    return { id: record.id, finding, move: null };
  }
  return {
    id: record.id,
    finding: { status: 'understood', event: record.type, issues: [] },
    move: () => queueRecord(message),
  };
}

function parseQuarantined(body: string): QuarantinedWebhook | null {
  const json = v.safeParse(v.pipe(v.string(), v.parseJson(), QuarantinedWebhookSchema), body);
  return json.success ? json.output : null;
}

/** What an operator gets to see: counts and distinct issues, by event. Never a body. */
export interface QuarantineReport {
  readonly looked: number;
  readonly understood: number;
  readonly notUnderstood: number;
  readonly unreadable: number;
  readonly issues: readonly (Issue & { readonly event: string | null; readonly times: number })[];
}

/** Sums up a run, the most frequent issue first. */
export function reportQuarantine(findings: readonly QuarantineFinding[]): QuarantineReport {
  const count = (status: QuarantineFinding['status']): number =>
    findings.filter((finding) => finding.status === status).length;
  const all = findings.flatMap(({ event, issues }) =>
    issues.map(({ path, message }) => ({ event, path, message })),
  );
  const issues = Map.groupBy(all, (issue) => JSON.stringify(Object.values(issue)));
  return {
    looked: findings.length,
    understood: count('understood'),
    notUnderstood: count('not_understood'),
    unreadable: count('unreadable'),
    issues: [...issues.values()]
      .flatMap((same) => (same[0] === undefined ? [] : [{ ...same[0], times: same.length }]))
      .sort((one, other) => other.times - one.times),
  };
}
