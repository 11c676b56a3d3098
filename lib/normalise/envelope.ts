import type { Workflow } from '../record/record.ts';
import { detectBodyFormat, type WebhookBody } from '../voucherify/body-format.ts';
import { isCloudEventString, toCloudEventId } from '../record/cloud-event-string.ts';
import {
  type VoucherifyEnvelope,
  VoucherifyEnvelopeSchema,
  VoucherifyLegacyEnvelopeSchema,
  type VoucherifyWorkflow,
} from '../voucherify/envelope.ts';
import { toCanonicalEventName, WORKFLOW_PREFIX } from '../voucherify/event-catalogue.ts';
import { getOwn, type JsonObject } from '../voucherify/json.ts';
import { isFullTimestamp } from '../voucherify/timestamp.ts';
import { isWebhookId } from '../voucherify/webhook-id.ts';
import { createLenientParser, type FieldIssue } from './lenient-parse.ts';
import { type ConsumedKeys, defineFieldMap, type KeyUse, NO_KEYS } from './field-map.ts';

/** What the record takes from an envelope. */
export interface EnvelopeInfo {
  /** A hash where the id that was sent cannot be a CloudEvents `id`. */
  readonly id: string | null;
  /** CloudEvents `source`. */
  readonly source: string;
  readonly label: string | null;
  /** The canonical name of the event; of a workflow or an unknown source, its name with a prefix. */
  readonly event: string | null;
  /** A full RFC 3339 time. */
  readonly time: string | null;
  /** When Voucherify made the webhook: the same in all its retries. An RFC 3339 time, or a date. */
  readonly createdAt: string | null;
  /** Voucherify's id of the source. */
  readonly sourceId: string | null;
  /** The workflow that sent the webhook. */
  readonly workflow: Workflow | null;
  readonly consumes: ConsumedKeys;
  readonly fieldIssues: readonly FieldIssue[];
}

/** For a body without an envelope. */
const NO_ENVELOPE: EnvelopeInfo = {
  id: null,
  source: '/voucherify',
  label: null,
  event: null,
  time: null,
  createdAt: null,
  sourceId: null,
  workflow: null,
  consumes: NO_KEYS,
  fieldIssues: [],
};

const parseEnvelope = createLenientParser(VoucherifyEnvelopeSchema);
const parseLegacyEnvelope = createLenientParser(VoucherifyLegacyEnvelopeSchema);

/** Reads the envelope of a body. A key whose value the record does not hold is not consumed. */
export function readEnvelope(body: WebhookBody): EnvelopeInfo {
  switch (body.format) {
    case 'distribution':
    case 'project':
    case 'workflow':
    case 'other':
      return readCurrentEnvelope(body.root, body.format);
    case 'legacy':
      return readLegacyEnvelope(body.root);
    case 'data':
    case 'publication':
    case 'designer':
      return NO_ENVELOPE;
  }
}

/**
 * Finds the sender's own id of a webhook, also when its envelope is of an unknown kind. Null when it has
 * none, and for a body that is not a JSON object.
 */
export function findSenderId(bodyJson: unknown): string | null {
  const body = detectBodyFormat(bodyJson);
  if (body === null) return null;
  const rootId = getOwn(body.root, 'id');
  return readEnvelope(body).id ?? (isWebhookId(rootId) ? rootId : null);
}

/** The envelope of 2024-01-01 (vendor facts, section 2.1). */
function readCurrentEnvelope(root: JsonObject, format: EnvelopeFormat): EnvelopeInfo {
  const parsed = parseEnvelope(root, []);
  if (parsed === null) return NO_ENVELOPE;
  const { id, project_id: project, source, type, event: sentEvent } = parsed.object;
  const event = toEventName(sentEvent?.type, format);
  const isEvent = (name: string | null | undefined): boolean =>
    isRecordType(name, event, EVENT_PREFIXES[format]);
  const workflow = format === 'workflow' ? readWorkflow(source) : null;
  const sourceId = workflow?.id ?? source?.id;
  const label = format === 'distribution' ? type || null : null;
  const eventTime = toFullTimestamp(sentEvent?.created_at);
  const createdAt = parsed.object.created_at ?? null;
  const webhookTime = toFullTimestamp(createdAt);
  return {
    id: toRecordId(id),
    source: toCloudEventSource(project, sourceId),
    label,
    event,
    time: eventTime ?? webhookTime,
    createdAt,
    sourceId: source?.id ?? null,
    workflow,
    consumes: keysWhere([
      ['id', 'value', Boolean(id) && id === toRecordId(id)],
      ['project_id', 'value', isSourceSegment(project)],
      [
        'source',
        {
          keys: keysWhere([
            ['id', 'value', isSourceSegment(source?.id) && source.id === sourceId],
            ['workflow', { keys: WORKFLOW.consumes }, Boolean(source?.workflow && workflow)],
          ]),
        },
        true,
      ],
      ['created_at', 'value', eventTime === null && webhookTime !== null],
      ['type', 'value', Boolean(type) && (type === label || isEvent(type))],
      [
        'event',
        {
          keys: keysWhere([
            ['type', 'value', isEvent(sentEvent?.type)],
            ['created_at', 'value', eventTime !== null],
          ]),
        },
        true,
      ],
    ]),
    fieldIssues: [...parsed.fieldIssues, ...findHashedId('id', id)],
  };
}

/** The envelope of 2018-08-01, whose `webhook_id` is the `id` of today (vendor facts, section 2.3). */
function readLegacyEnvelope(root: JsonObject): EnvelopeInfo {
  const parsed = parseLegacyEnvelope(root, []);
  if (parsed === null) return NO_ENVELOPE;
  const { webhook_id: id, project_id: project, created_at: createdAt, type } = parsed.object;
  const event = toEventName(type, 'project');
  const time = toFullTimestamp(createdAt);
  return {
    id: toRecordId(id),
    source: toCloudEventSource(project, null),
    label: null,
    event,
    time,
    createdAt: createdAt ?? null,
    sourceId: null,
    workflow: null,
    consumes: keysWhere([
      ['webhook_id', 'value', Boolean(id) && id === toRecordId(id)],
      ['project_id', 'value', isSourceSegment(project)],
      ['type', 'value', isRecordType(type, event)],
      ['created_at', 'value', time !== null],
    ]),
    fieldIssues: [...parsed.fieldIssues, ...findHashedId('webhook_id', id)],
  };
}

function toRecordId(id: string | null | undefined): string | null {
  return typeof id === 'string' ? toCloudEventId(id) : null;
}

const HASHED_ID = 'Expected an id without control characters; the record has its hash';

function findHashedId(key: string, id: string | null | undefined): FieldIssue[] {
  if (typeof id !== 'string' || isCloudEventString(id)) return [];
  return [{ path: [key], message: HASHED_ID, coerced: true }];
}

/** Whether the record's `type` holds the name exactly as it was sent, after the prefix of its kind. */
function isRecordType(sent: string | null | undefined, event: string | null, prefix = ''): boolean {
  return Boolean(sent) && event === `${prefix}${sent}` && isCloudEventString(event);
}

const WORKFLOW = defineFieldMap<VoucherifyWorkflow, Workflow>({
  id: 'id',
  version: 'version',
  node: 'node',
  run: 'run',
  step: 'step',
});

/** The id of a source before there was `source.workflow`: the workflow's id and the step's. */
const COMPOSITE_SOURCE_ID = /^(?<id>wfdef_.+)-(?<step>wfrnstp_.+)$/;

/** Reads which workflow sent the webhook, in both documented forms (vendor facts on workflows, section 2). */
function readWorkflow(source: VoucherifyEnvelope['source']): Workflow {
  const workflow = WORKFLOW.convert(source?.workflow ?? {});
  const sourceId = source?.id ?? null;
  const { id, step } = COMPOSITE_SOURCE_ID.exec(sourceId ?? '')?.groups ?? {};
  return {
    ...workflow,
    id: workflow.id ?? id ?? sourceId,
    step: workflow.step ?? step ?? null,
  };
}

function keysWhere(entries: readonly (readonly [string, KeyUse, boolean])[]): ConsumedKeys {
  const keys = new Map<string, KeyUse>();
  for (const [key, use, isConsumed] of entries) if (isConsumed) keys.set(key, use);
  return keys;
}

/** The formats of an envelope of 2024-01-01. */
type EnvelopeFormat = Extract<WebhookBody, { data: JsonObject }>['format'];

/** What goes before the name of an event: names of sources that we do not know may mean anything. */
const EVENT_PREFIXES: { readonly [Format in EnvelopeFormat]: string } = {
  distribution: '',
  project: '',
  workflow: WORKFLOW_PREFIX,
  other: 'unknown.',
};
const PREFIXES = Object.values(EVENT_PREFIXES).filter((prefix) => prefix !== '');

/** An event of a distribution or of the project never gets the prefix of another kind. */
function toEventName(sentName: string | null | undefined, format: EnvelopeFormat): string | null {
  if (!sentName) return null;
  const ownPrefix = EVENT_PREFIXES[format];
  if (ownPrefix !== '') return `${ownPrefix}${sentName}`;
  const name = toCanonicalEventName(sentName) || null;
  const isTaken = PREFIXES.some((prefix) => name?.startsWith(prefix));
  return isTaken ? `${EVENT_PREFIXES.other}${name}` : name;
}

function toFullTimestamp(text: string | null | undefined): string | null {
  return typeof text === 'string' && isFullTimestamp(text) ? text : null;
}

/**
 * CloudEvents `source`, a URI-reference: `/voucherify/<project>/<source>`. Ids are opaque, so the place
 * says which one it is: that of an unknown project is empty, and an unknown source is left out.
 */
function toCloudEventSource(
  project: string | null | undefined,
  source: string | null | undefined,
): string {
  const [projectSegment, sourceSegment] = [project, source].map((id) =>
    isSourceSegment(id) ? encodeURIComponent(id) : '',
  );
  const segments = ['/voucherify', projectSegment, sourceSegment];
  return segments.join('/').replace(/\/+$/, '');
}

const DOT_SEGMENTS: ReadonlySet<string> = new Set(['.', '..']);

/**
 * A string can be a segment of `source` unless it has half a surrogate pair, which cannot be encoded, or
 * is one or two dots, which a reader of URLs removes, encoded or not (RFC 3986, section 5.2.4).
 */
function isSourceSegment(text: string | null | undefined): text is string {
  return typeof text === 'string' && text !== '' && text.isWellFormed() && !DOT_SEGMENTS.has(text);
}
