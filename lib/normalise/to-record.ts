import { type ParsedBody, type BodyFormat, parseBody } from '../voucherify/body-format.ts';
import { EVENTS } from '../voucherify/event-catalogue.ts';
import { isFullTimestamp } from '../voucherify/timestamp.ts';
import { extractPayload } from './payload.ts';
import type { Mapping } from './mapping.ts';
import { type ParsedObjects, parseObjects } from './parse-objects.ts';
import { toWarning } from './lenient-parse.ts';
import type { ConsumedFields } from './field-map.ts';
import { inferEvent, isReward, inferPurpose } from './purpose.ts';
import { toContentHashId } from '../record/record-id.ts';
import { type Issue, RECORD_SCHEMA_ID, type RelayRecord } from '../record/record.ts';
import { findEnvelopeWarnings, findEventWarnings, findObjectWarnings } from './warnings.ts';
import { collectUnmapped, findNonJsonSafe } from './unmapped-fields.ts';
import { NO_ENVELOPE, readEnvelope, readLegacyEnvelope, type EnvelopeInfo } from './envelope.ts';
import { validate } from './validate.ts';

export type { Mapping } from './mapping.ts';

/** What is known of a webhook beside its body. */
export interface ToRecordContext {
  /** RFC 3339, the time at which a voucher's use is judged. */
  readonly receivedAt: string;
  /** ISO 4217, from the settings; webhooks carry none. */
  readonly currency: string | null;
  /** Hex SHA-256 of mapping name and raw body: the record's id when the webhook has none, and only then asked for. */
  readonly bodyHash: () => string;
  /** The merchant's own shape that the address named, or null. */
  readonly mapping: Mapping | null;
}

/** A webhook read: a record, or what kept it from being one. Issues never hold a value. */
export type ToRecordResult =
  | { readonly ok: true; readonly record: RelayRecord }
  | {
      readonly ok: false;
      readonly id: string;
      readonly format: BodyFormat | null;
      readonly event: string | null;
      readonly issues: readonly Issue[];
    };

/**
 * Turns a webhook's body into the record that is handed on. Pure, and it never throws for any JSON
 * value: what cannot be used is an issue, what is odd a warning, and what has no place is in `rest`.
 * @param bodyJson what JSON.parse made of the body
 */
export function toRecord(bodyJson: unknown, context: ToRecordContext): ToRecordResult {
  const body = parseBody(bodyJson);
  if (body === null) {
    const issues = [{ path: '', message: 'Expected a JSON object' }];
    return {
      ok: false,
      id: toContentHashId(context.bodyHash()),
      format: null,
      event: null,
      issues,
    };
  }
  const envelope = readEnvelopeInfo(body);
  const id = envelope.id ?? toContentHashId(context.bodyHash());
  const payload = extractPayload(body, context.mapping);
  if (!payload.ok) {
    return { ok: false, id, format: body.format, event: envelope.event, issues: payload.issues };
  }

  const { data, isMapped, toBodyPath } = payload;
  const event = envelope.event ?? (isMapped ? null : inferEvent(data));
  const definition = event === null ? null : (EVENTS.get(event) ?? null);
  const consumed: ConsumedFields = new Map([[body.root, envelope.consumedFields]]);
  // what a mapping made cannot be found again in the body, all of which stays in rest
  const consumedByObjects: ConsumedFields = isMapped ? new Map() : consumed;
  const { currency, receivedAt } = context;
  const source = { data, toBodyPath, isReward: isReward(event, data), currency, receivedAt };
  const parsed = parseObjects(source, consumedByObjects);
  const { objects } = parsed;
  const isNotificationOnly = body.format === 'project' || body.format === 'legacy';
  const purposeInput = { data, hasCustomer: objects.customer !== null, definition, isMapped };
  const purpose = isNotificationOnly ? 'activity' : inferPurpose(purposeInput);

  const validation = validate(purpose, parsed, isMapped);
  const fieldIssues = [...envelope.fieldIssues, ...parsed.fieldIssues];
  const unmapped = collectUnmapped(body.root, consumed, fieldIssues);
  const issues = [...validation.issues, ...findNonJsonSafe(unmapped)];
  if (issues.length > 0) return { ok: false, id, format: body.format, event, issues };

  const subject = objects.customer?.id ?? objects.customer?.sourceId;
  const record: RelayRecord = {
    specversion: '1.0',
    id,
    source: envelope.source,
    type: `voucherify.${event ?? 'unknown'}`,
    ...(subject ? { subject } : {}),
    time: envelope.time ?? getPublicationTime(parsed) ?? receivedAt,
    datacontenttype: 'application/json',
    dataschema: RECORD_SCHEMA_ID,
    data: {
      purpose,
      distributionLabel: envelope.label,
      test: isTest(envelope, parsed),
      receivedAt: receivedAt,
      ...objects,
      unmapped,
      warnings: [
        ...findEnvelopeWarnings(body.format, envelope, body.root),
        ...envelope.fieldIssues.map(toWarning),
        ...findEventWarnings(body.format, event, definition, data),
        ...validation.warnings,
        ...findObjectWarnings(parsed, receivedAt),
      ],
    },
  };
  return { ok: true, record };
}

function readEnvelopeInfo(body: ParsedBody): EnvelopeInfo {
  switch (body.format) {
    case 'distribution':
    case 'project':
      return readEnvelope(body.root, body.format);
    case 'legacy':
      return readLegacyEnvelope(body.root);
    case 'data':
    case 'publication':
    case 'designer':
      return NO_ENVELOPE;
  }
}

function getPublicationTime({ objects }: ParsedObjects): string | null {
  const createdAt = objects.publication?.createdAt ?? null;
  return createdAt !== null && isFullTimestamp(createdAt) ? createdAt : null;
}

const SAMPLE_ID = /^[a-z]+_0+$/;

/** The dashboard shows sample payloads whose ids are zeros (vendor facts, section 2.4). */
function isTest(envelope: EnvelopeInfo, { objects }: ParsedObjects): boolean {
  const { distribution, publication, voucher, customer } = objects;
  const ids = [
    ...envelope.idsForTestCheck,
    distribution?.id,
    publication?.id,
    voucher?.id,
    customer?.id,
  ];
  return ids.some((id) => typeof id === 'string' && SAMPLE_ID.test(id));
}
