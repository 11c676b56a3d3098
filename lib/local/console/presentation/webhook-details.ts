import { formatReason } from '../state/timeline.ts';
import * as v from 'valibot';
import type { ReceivedWebhook } from '../state/request.ts';
import { toRow } from '../state/store.ts';
import type { RecordTimeline, AttemptLog } from '../state/timeline.ts';
import type { AttemptDetails, TextDocument, WebhookDetails, TimelineEvent } from '../protocol.ts';
import { formatJson } from './format-json.ts';
import { collectPersonalValues, maskJson } from './mask.ts';
import { maskPersonalValues } from './personal-data.ts';
import { type Annotation, annotate, markUnmapped } from './annotations.ts';

const RecordSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    data: v.record(v.string(), v.unknown()),
  }),
);

const WarningsSchema = v.fallback(v.array(v.object({ path: v.string(), message: v.string() })), []);

/**
 * Everything about one webhook, for a person to read.
 * @param reveal shows codes, e-mail addresses and names as they are
 */
export function toWebhookDetails(
  webhook: ReceivedWebhook,
  timeline: RecordTimeline | null,
  reveal: boolean,
): WebhookDetails {
  const recordText = timeline?.recordText ?? null;
  const maskOptions = {
    personalValues: collectPersonalValues([webhook.body, recordText ?? '']),
    maskAllText: recordText === null && webhook.entry?.status !== 'rejected',
  };
  const mask = (text: string): string => (reveal ? text : maskJson(text, maskOptions));
  const maskKnown = (text: string): string =>
    reveal ? text : maskPersonalValues(text, maskOptions.personalValues);
  const record = v.safeParse(RecordSchema, recordText);
  const { unmapped, ...data } = record.success ? record.output.data : {};
  const issues = webhook.entry?.issues ?? [];
  const annotations: Annotation[] = [
    ...issues.map(toAnnotation('issue')),
    ...v.parse(WarningsSchema, data['warnings']).map(toAnnotation('warning')),
  ];
  const body = annotate(formatJson(mask(webhook.body), webhook.truncatedCharacters), annotations);
  return {
    row: toRow(webhook, timeline),
    ms: webhook.ms,
    headers: Object.entries(webhook.headers).map(([name, value]) => [name, maskKnown(value)]),
    bytes: webhook.bytes,
    isBase64: webhook.isBase64,
    body: unmapped === undefined ? body : markUnmapped(body, unmapped),
    rawBody: mask(webhook.body),
    signature: SIGNATURE_MESSAGES[webhook.signatureStatus],
    responseBody: maskKnown(webhook.responseBody),
    issues: [...issues],
    record: record.success
      ? formatJson(mask(JSON.stringify({ ...record.output, data })))
      : recordText === null
        ? null
        : formatJson(mask(recordText), timeline?.truncatedCharacters),
    unmapped: unmapped === undefined ? null : formatJson(mask(JSON.stringify(unmapped))),
    timeline: toTimeline(webhook, timeline),
    attempts: (timeline?.attempts ?? []).map((attempt) => toAttemptDetails(attempt, mask)),
    isMasked: !reveal,
  };
}

const toAnnotation =
  (tone: Annotation['tone']) =>
  ({ path, message }: Omit<Annotation, 'tone'>): Annotation => ({ path, message, tone });

const SIGNATURE_MESSAGES: Readonly<
  Record<ReceivedWebhook['signatureStatus'], WebhookDetails['signature']>
> = {
  raw: { tone: 'good', text: 'matches the body, byte for byte' },
  compact: { tone: 'good', text: 'matches the body without its white space' },
  missing: { tone: 'bad', text: 'is missing' },
  malformed: { tone: 'bad', text: 'is not 64 hexadecimal digits' },
  mismatch: { tone: 'bad', text: 'does not match the body: forged, or another secret' },
};

function toAttemptDetails(
  { at, entry, repeatCount, nextAt, exchange }: AttemptLog,
  mask: (t: string) => string,
): AttemptDetails {
  const { destination, attempt, status: deliveryStatus, httpStatus: status = null, ms } = entry;
  const reason = formatReason(entry);
  const response = exchange?.response ?? (status === null ? null : { head: String(status), ms });
  return {
    at,
    destination,
    attempt,
    deliveryStatus,
    reason,
    status,
    ms,
    nextAt,
    repeatCount,
    request:
      exchange === null ? null : { head: exchange.head, body: toDocument(mask(exchange.body)) },
    response: exchange === null ? null : response,
  };
}

function toDocument(text: string): TextDocument {
  return text === '' ? { lines: [], truncatedCharacters: 0 } : formatJson(text);
}

function toTimeline(webhook: ReceivedWebhook, timeline: RecordTimeline | null): TimelineEvent[] {
  const { status = 'error', reason } = webhook.entry ?? {};
  const receivedEvent: TimelineEvent = {
    node: 'endpoint',
    afterMs: 0,
    text: 'received',
    tone: 'plain',
  };
  const respondedEvent: TimelineEvent = {
    node: 'endpoint',
    afterMs: webhook.ms,
    text: `responded ${webhook.responseStatus}: ${status}${reason === undefined ? '' : ` (${reason})`}`,
    tone: webhook.responseStatus >= 400 ? 'bad' : status === 'quarantined' ? 'warning' : 'good',
  };
  const laterEvents = (timeline?.events ?? []).map(
    ({ at, event: { node, text, tone } }): TimelineEvent => ({
      node,
      text,
      tone,
      afterMs: at - webhook.at,
    }),
  );
  return [receivedEvent, respondedEvent, ...laterEvents.filter(({ afterMs }) => afterMs >= 0)].sort(
    (a, b) => a.afterMs - b.afterMs,
  );
}
