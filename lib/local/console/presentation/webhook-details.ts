import * as v from 'valibot';
import type { ReceivedWebhook } from '../state/received-webhook.ts';
import { toRow } from '../state/store.ts';
import type { RecordTimeline, Attempt } from '../state/timeline.ts';
import type {
  AttemptDetails,
  Row,
  TextDocument,
  TimelineEvent,
  WebhookDetails,
} from '../protocol.ts';
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
 * Creates the page's view of one webhook: its body, record, timeline and attempts.
 * @param reveal whether to show codes, e-mail addresses and names; otherwise they are masked
 */
export function toWebhookDetails(
  webhook: ReceivedWebhook,
  timeline: RecordTimeline | null,
  reveal: boolean,
): WebhookDetails {
  const row = toRow(webhook, timeline);
  const recordText = timeline?.recordText ?? null;
  const maskOptions = {
    personalValues: collectPersonalValues([webhook.body, recordText ?? '']),
    maskAllText: recordText === null && webhook.log?.status !== 'rejected',
  };
  const mask = (text: string): string => (reveal ? text : maskJson(text, maskOptions));
  const maskKnown = (text: string): string =>
    reveal ? text : maskPersonalValues(text, maskOptions.personalValues);
  const record = v.safeParse(RecordSchema, recordText);
  const { unmapped, ...data } = record.success ? record.output.data : {};
  const issues = webhook.log?.issues ?? [];
  const annotations: Annotation[] = [
    ...issues.map(toAnnotation('issue')),
    ...v.parse(WarningsSchema, data['warnings']).map(toAnnotation('warning')),
  ];
  const body = annotate(formatJson(mask(webhook.body), webhook.truncatedCharacters), annotations);
  return {
    row,
    ms: webhook.ms,
    headers: Object.entries(webhook.headers).map(([name, value]) => [name, maskKnown(value)]),
    bytes: webhook.bytes,
    isBase64: webhook.isBase64,
    body: unmapped === undefined ? body : markUnmapped(body, unmapped),
    rawBody: mask(webhook.body),
    signature: SIGNATURE_MESSAGES[webhook.signatureStatus],
    issues: [...issues],
    record: record.success
      ? formatJson(mask(JSON.stringify({ ...record.output, data })))
      : recordText === null
        ? null
        : formatJson(mask(recordText), timeline?.truncatedCharacters),
    unmapped: unmapped === undefined ? null : formatJson(mask(JSON.stringify(unmapped))),
    timeline: toTimeline(webhook, row, timeline),
    attempts: (timeline?.attempts ?? []).map((attempt) => toAttemptDetails(attempt, mask)),
  };
}

const toAnnotation =
  (kind: Annotation['kind']) =>
  ({ path, message }: Omit<Annotation, 'kind'>): Annotation => ({ path, message, kind });

const SIGNATURE_MESSAGES: Readonly<
  Record<ReceivedWebhook['signatureStatus'], WebhookDetails['signature']>
> = {
  raw: { level: 'success', text: 'matches the body, byte for byte' },
  compact: { level: 'success', text: 'matches the body without its white space' },
  missing: { level: 'error', text: 'is missing' },
  malformed: { level: 'error', text: 'is not 64 hexadecimal digits' },
  mismatch: {
    level: 'error',
    text: 'does not match the body: it is forged, or made with another secret',
  },
};

function toAttemptDetails(
  { exchange, ...attempt }: Attempt,
  mask: (text: string) => string,
): AttemptDetails {
  if (exchange === null) return { ...attempt, request: null, response: null };
  const { httpStatus, ms } = attempt;
  return {
    ...attempt,
    request: { head: exchange.head, body: toDocument(mask(exchange.body)) },
    response: exchange.response ?? (httpStatus === null ? null : { head: String(httpStatus), ms }),
  };
}

function toDocument(text: string): TextDocument {
  return text === '' ? { lines: [], truncatedCharacters: 0 } : formatJson(text);
}

function toTimeline(
  webhook: ReceivedWebhook,
  row: Row,
  timeline: RecordTimeline | null,
): TimelineEvent[] {
  const endpoint = { node: 'endpoint', destination: null } as const;
  const reason = webhook.log?.reason;
  const initialStatus = row.status === 'replayed' ? 'quarantined' : row.status;
  const responseText = `responded ${webhook.httpStatus}: ${initialStatus}`;
  const laterEvents = (timeline?.events ?? [])
    .map(({ at, node, destination, text, level }): TimelineEvent => ({
      node,
      destination,
      text,
      level,
      afterMs: at - webhook.at,
    }))
    .filter(({ afterMs }) => afterMs >= 0);
  const events: TimelineEvent[] = [
    { ...endpoint, afterMs: 0, text: 'received', level: 'info' },
    {
      ...endpoint,
      afterMs: webhook.ms,
      text: reason === undefined ? responseText : `${responseText} (${reason})`,
      level: initialStatus === 'quarantined' ? 'warn' : row.level,
    },
    ...laterEvents,
  ];
  return events.sort((a, b) => a.afterMs - b.afterMs);
}
