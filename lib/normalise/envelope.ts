import type { BodyFormat } from '../voucherify/body-format.ts';
import {
  type VoucherifyEnvelope,
  VoucherifyEnvelopeSchema,
  VoucherifyLegacyEnvelopeSchema,
} from '../voucherify/envelope.ts';
import { toCanonicalEventName } from '../voucherify/event-catalogue.ts';
import type { JsonObject } from '../voucherify/json.ts';
import { isFullTimestamp } from '../voucherify/timestamp.ts';
import { createLenientParser, type FieldIssue } from './lenient-parse.ts';
import { fields, type FieldRule, type FieldMap } from './field-map.ts';

/** What the envelope tells of a send-out: its id, where it came from, when, and why. */
export interface EnvelopeInfo {
  readonly id: string | null;
  readonly source: string;
  readonly label: string | null;
  /** The canonical name of the event. */
  readonly event: string | null;
  readonly time: string | null;
  /** The sender's own ids, of the send-out and of its source. */
  readonly idsForTestCheck: readonly (string | null | undefined)[];
  readonly consumedFields: FieldMap;
  readonly fieldIssues: readonly FieldIssue[];
}

const parseEnvelope = createLenientParser(VoucherifyEnvelopeSchema);
const parseLegacyEnvelope = createLenientParser(VoucherifyLegacyEnvelopeSchema);

/** A body without an envelope tells nothing of its sending. */
export const NO_ENVELOPE: EnvelopeInfo = {
  id: null,
  source: '/voucherify',
  label: null,
  event: null,
  time: null,
  idsForTestCheck: [],
  consumedFields: new Map(),
  fieldIssues: [],
};

/** Reads the envelope of 2024-01-01 (vendor facts, section 2.1). */
export function readEnvelope(root: JsonObject, format: BodyFormat): EnvelopeInfo {
  const parsed = parseEnvelope(root, []);
  if (parsed === null) return NO_ENVELOPE;
  const envelope = parsed.object;
  const sentName = envelope.event?.type ?? null;
  const event = sentName === null ? null : toCanonicalEventName(sentName) || null;
  const label = format === 'distribution' ? envelope.type || null : null;
  const time = getEventTime(envelope);
  return {
    id: envelope.id ?? null,
    source: toCloudEventSource(envelope.project_id, envelope.source?.id),
    label,
    event,
    time,
    idsForTestCheck: [envelope.id, envelope.source?.id],
    consumedFields: getConsumedFields(envelope, { label, event, time }),
    fieldIssues: parsed.fieldIssues,
  };
}

/** Reads the envelope of 2018-08-01, whose `webhook_id` became today's `id` (vendor facts, section 2.3). */
export function readLegacyEnvelope(root: JsonObject): EnvelopeInfo {
  const parsed = parseLegacyEnvelope(root, []);
  if (parsed === null) return NO_ENVELOPE;
  const { webhook_id: id, project_id: project, created_at: createdAt, type } = parsed.object;
  const event = type ? toCanonicalEventName(type) || null : null;
  const time = toFullTimestamp(createdAt);
  const consumedFields = new Map<string, FieldRule>();
  if (id) consumedFields.set('webhook_id', 'leaf');
  if (isSourceSegment(project)) consumedFields.set('project_id', 'leaf');
  if (event !== null && event === type) consumedFields.set('type', 'leaf');
  if (time !== null) consumedFields.set('created_at', 'leaf');
  return {
    id: id ?? null,
    source: toCloudEventSource(project, null),
    label: null,
    event,
    time,
    idsForTestCheck: [id],
    consumedFields,
    fieldIssues: parsed.fieldIssues,
  };
}

function getEventTime({ event, created_at: createdAt }: VoucherifyEnvelope): string | null {
  return toFullTimestamp(event?.created_at) ?? toFullTimestamp(createdAt);
}

function toFullTimestamp(text: string | null | undefined): string | null {
  return typeof text === 'string' && isFullTimestamp(text) ? text : null;
}

/** What the record took from where; the rest stays where it was. */
function getConsumedFields(
  envelope: VoucherifyEnvelope,
  info: Pick<EnvelopeInfo, 'label' | 'event' | 'time'>,
): Map<string, FieldRule> {
  const consumedFields = new Map<string, FieldRule>();
  const eventFields = new Map<string, FieldRule>();
  if (envelope.id) consumedFields.set('id', 'leaf');
  if (isSourceSegment(envelope.project_id)) consumedFields.set('project_id', 'leaf');
  if (isSourceSegment(envelope.source?.id)) consumedFields.set('source', SOURCE_RULE);
  if (envelope.event?.type === info.event) eventFields.set('type', 'leaf');
  if (toFullTimestamp(envelope.event?.created_at) !== null) eventFields.set('created_at', 'leaf');
  else if (info.time !== null) consumedFields.set('created_at', 'leaf');
  const type = envelope.type || null;
  if (type !== null && (type === info.label || type === info.event))
    consumedFields.set('type', 'leaf');
  return consumedFields.set('event', { of: eventFields });
}

const SOURCE_RULE: FieldRule = { of: fields('id') };

/** CloudEvents `source`: `/voucherify/<project>/<source>`, unknown parts left out. */
function toCloudEventSource(
  project: string | null | undefined,
  source: string | null | undefined,
): string {
  const parts = [project, source]
    .filter(isSourceSegment)
    .map((part) => `/${encodeURIComponent(part)}`);
  return `/voucherify${parts.join('')}`;
}

/** Says whether a text can be part of `source`; a half of a surrogate pair cannot be encoded. */
function isSourceSegment(text: string | null | undefined): text is string {
  return typeof text === 'string' && text !== '' && text.isWellFormed();
}
