import type { BodyForm } from '../voucherify/body-format.ts';
import {
  type EnvelopeObject,
  EnvelopeSchema,
  LegacyEnvelopeSchema,
} from '../voucherify/envelope.ts';
import { canonicalEvent } from '../voucherify/event-catalogue.ts';
import type { JsonObject } from '../voucherify/json.ts';
import { isFullTimestamp } from '../voucherify/timestamp.ts';
import { judgeBy, type Oddity } from './lenient-parse.ts';
import { leaves, type Place, type Places } from './field-map.ts';

/** What the envelope tells of a send-out: its id, where it came from, when, and why. */
export interface Sending {
  readonly id: string | null;
  readonly source: string;
  readonly label: string | null;
  /** The canonical name of the event. */
  readonly event: string | null;
  readonly time: string | null;
  /** The sender's own ids, of the send-out and of its source. */
  readonly ids: readonly (string | null | undefined)[];
  readonly places: Places;
  readonly oddities: readonly Oddity[];
}

const judgeEnvelope = judgeBy(EnvelopeSchema);
const judgeLegacyEnvelope = judgeBy(LegacyEnvelopeSchema);

/** A body without an envelope tells nothing of its sending. */
export const NO_ENVELOPE: Sending = {
  id: null,
  source: '/voucherify',
  label: null,
  event: null,
  time: null,
  ids: [],
  places: new Map(),
  oddities: [],
};

/** Reads the envelope of 2024-01-01 (vendor facts, section 2.1). */
export function readEnvelope(root: JsonObject, form: BodyForm): Sending {
  const judged = judgeEnvelope(root, []);
  if (judged === null) return NO_ENVELOPE;
  const envelope = judged.object;
  const spelt = envelope.event?.type ?? null;
  const event = spelt === null ? null : canonicalEvent(spelt) || null;
  const label = form === 'distribution' ? envelope.type || null : null;
  const time = timeOf(envelope);
  return {
    id: envelope.id ?? null,
    source: sourceOf(envelope.project_id, envelope.source?.id),
    label,
    event,
    time,
    ids: [envelope.id, envelope.source?.id],
    places: placesOf(envelope, { label, event, time }),
    oddities: judged.oddities,
  };
}

/** Reads the envelope of 2018-08-01, whose `webhook_id` became today's `id` (vendor facts, section 2.3). */
export function readLegacyEnvelope(root: JsonObject): Sending {
  const judged = judgeLegacyEnvelope(root, []);
  if (judged === null) return NO_ENVELOPE;
  const { webhook_id: id, project_id: project, created_at: createdAt, type } = judged.object;
  const event = type ? canonicalEvent(type) || null : null;
  const time = fullTime(createdAt);
  const places = new Map<string, Place>();
  if (id) places.set('webhook_id', 'leaf');
  if (isNameable(project)) places.set('project_id', 'leaf');
  if (event !== null && event === type) places.set('type', 'leaf');
  if (time !== null) places.set('created_at', 'leaf');
  return {
    id: id ?? null,
    source: sourceOf(project, null),
    label: null,
    event,
    time,
    ids: [id],
    places,
    oddities: judged.oddities,
  };
}

function timeOf({ event, created_at: createdAt }: EnvelopeObject): string | null {
  return fullTime(event?.created_at) ?? fullTime(createdAt);
}

function fullTime(text: string | null | undefined): string | null {
  return typeof text === 'string' && isFullTimestamp(text) ? text : null;
}

/** What the record took from where; the rest stays where it was. */
function placesOf(
  envelope: EnvelopeObject,
  taken: Pick<Sending, 'label' | 'event' | 'time'>,
): Map<string, Place> {
  const places = new Map<string, Place>();
  const ofEvent = new Map<string, Place>();
  if (envelope.id) places.set('id', 'leaf');
  if (isNameable(envelope.project_id)) places.set('project_id', 'leaf');
  if (isNameable(envelope.source?.id)) places.set('source', SOURCE_PLACE);
  if (envelope.event?.type === taken.event) ofEvent.set('type', 'leaf');
  if (fullTime(envelope.event?.created_at) !== null) ofEvent.set('created_at', 'leaf');
  else if (taken.time !== null) places.set('created_at', 'leaf');
  const type = envelope.type || null;
  if (type !== null && (type === taken.label || type === taken.event)) places.set('type', 'leaf');
  return places.set('event', { of: ofEvent });
}

const SOURCE_PLACE: Place = { of: leaves('id') };

/** CloudEvents `source`: `/voucherify/<project>/<source>`, unknown parts left out. */
function sourceOf(project: string | null | undefined, source: string | null | undefined): string {
  const parts = [project, source].filter(isNameable).map((part) => `/${encodeURIComponent(part)}`);
  return `/voucherify${parts.join('')}`;
}

/** Says whether a text can be part of `source`; a half of a surrogate pair cannot be encoded. */
function isNameable(text: string | null | undefined): text is string {
  return typeof text === 'string' && text !== '' && text.isWellFormed();
}
