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
import { createWebhookMask, type Mask } from './webhook-mask.ts';
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
  const { mask, maskKnown } = createWebhookMask(webhook, recordText, reveal);
  const record = v.safeParse(RecordSchema, recordText);
  const { unmapped, ...data } = record.success ? record.output.data : {};
  const issues = webhook.log?.issues ?? [];
  const annotations: Annotation[] = [
    ...issues.map(toAnnotation('issue')),
    ...v.parse(WarningsSchema, data['warnings']).map(toAnnotation('warning')),
  ];
  const rawBody = mask(webhook.body, webhook.truncatedCharacters);
  const body = annotate(formatJson(rawBody, webhook.truncatedCharacters), annotations);
  return {
    row,
    ms: webhook.ms,
    headers: Object.entries(webhook.headers).map(([name, value]) => [name, maskKnown(value)]),
    bytes: webhook.bytes,
    isBase64: webhook.isBase64,
    body: unmapped === undefined ? body : markUnmapped(body, unmapped),
    rawBody,
    signature: SIGNATURE_MESSAGES[webhook.signatureStatus],
    issues: [...issues],
    record: record.success
      ? formatJson(mask(JSON.stringify({ ...record.output, data })))
      : recordText === null
        ? null
        : formatJson(
            mask(recordText, timeline?.truncatedCharacters),
            timeline?.truncatedCharacters,
          ),
    unmapped: unmapped === undefined ? null : formatJson(mask(JSON.stringify(unmapped))),
    timeline: toTimeline(webhook, row, timeline),
    attempts: toAttempts(timeline?.attempts ?? [], {
      body: mask,
      head: (head) => (reveal ? head : maskKnown(maskCredentials(head))),
    }),
  };
}

/** The masks of what was sent to a destination and of its response. */
interface Masks {
  readonly body: Mask;
  readonly head: (head: string) => string;
}

/** The values of headers that hold the key of a receiver. */
const CREDENTIALS =
  /^(?!idempotency-key)((?:proxy-)?authorization|cookie|set-cookie|[\w-]*(?:key|token|secret)): .*$/gim;

function maskCredentials(head: string): string {
  return head.replaceAll(CREDENTIALS, '$1: ••••••');
}

/**
 * The most characters of request bodies that one view shows. A webhook can have sixty attempts, and the
 * process that masks and sends their bodies also runs the pipeline.
 */
const MAX_ATTEMPT_CHARACTERS = 262_144;

/** Creates the views of the attempts. The newest ones show their bodies, the others how long theirs are. */
function toAttempts(attempts: readonly Attempt[], masks: Masks): AttemptDetails[] {
  let characters = 0;
  const newestFirst = attempts.toReversed().map((attempt) => {
    characters += attempt.exchange?.body.length ?? 0;
    return toAttemptDetails(attempt, masks, characters <= MAX_ATTEMPT_CHARACTERS);
  });
  return newestFirst.toReversed();
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
  masks: Masks,
  isBodyShown: boolean,
): AttemptDetails {
  if (exchange === null) return { ...attempt, request: null, response: null };
  const { head, body, truncatedCharacters, recordCount, response } = exchange;
  const shown = isBodyShown ? masks.body(body, truncatedCharacters, recordCount > 1) : '';
  const hidden = truncatedCharacters + (isBodyShown ? 0 : body.length);
  return {
    ...attempt,
    request: { head: masks.head(head), body: toDocument(shown, hidden) },
    response: {
      head: masks.head(response.head),
      // a receiver may say anything about anybody
      body: toDocument(isBodyShown ? masks.body(response.body, 0, true) : '', 0),
      ms: response.ms,
    },
  };
}

function toDocument(text: string, truncatedCharacters: number): TextDocument {
  return text === '' ? { lines: [], truncatedCharacters } : formatJson(text, truncatedCharacters);
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
