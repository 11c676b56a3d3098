import { type Body, type BodyForm, recogniseBody } from '../voucherify/body-format.ts';
import { EVENTS } from '../voucherify/event-catalogue.ts';
import { isFullTimestamp } from '../voucherify/timestamp.ts';
import { contentOf } from './payload.ts';
import type { Mapping } from './mapping.ts';
import { type ObjectsReading, readObjects } from './parse-objects.ts';
import { warningOf } from './lenient-parse.ts';
import type { Taken } from './field-map.ts';
import { inferredEvent, isReward, purposeOf } from './purpose.ts';
import { hashId } from '../record/record-id.ts';
import { type Issue, RECORD_SCHEMA_ID, type RelayRecord } from '../record/record.ts';
import { remarksOnEnvelope, remarksOnEvent, remarksOnObjects } from './warnings.ts';
import { restOf, uncarriable } from './unmapped-fields.ts';
import { NO_ENVELOPE, readEnvelope, readLegacyEnvelope, type Sending } from './envelope.ts';
import { verdictOn } from './validate.ts';

export type { Mapping } from './mapping.ts';

/** What is known of a webhook beside its body. */
export interface Intake {
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
export type Reading =
  | { readonly ok: true; readonly record: RelayRecord }
  | {
      readonly ok: false;
      readonly id: string;
      readonly form: BodyForm | null;
      readonly event: string | null;
      readonly issues: readonly Issue[];
    };

/**
 * Turns a webhook's body into the record that is handed on. Pure, and it never throws for any JSON
 * value: what cannot be used is an issue, what is odd a warning, and what has no place is in `rest`.
 * @param payload what JSON.parse made of the body
 */
export function toRecord(payload: unknown, intake: Intake): Reading {
  const body = recogniseBody(payload);
  if (body === null) {
    const issues = [{ path: '', message: 'Expected a JSON object' }];
    return { ok: false, id: hashId(intake.bodyHash()), form: null, event: null, issues };
  }
  const sending = sendingOf(body);
  const id = sending.id ?? hashId(intake.bodyHash());
  const content = contentOf(body, intake.mapping);
  if (!content.ok) {
    return { ok: false, id, form: body.form, event: sending.event, issues: content.issues };
  }

  const { data, mapped, inBody } = content;
  const event = sending.event ?? (mapped ? null : inferredEvent(data));
  const row = event === null ? null : (EVENTS.get(event) ?? null);
  const taken: Taken = new Map([[body.root, sending.places]]);
  // what a mapping made cannot be found again in the body, all of which stays in rest
  const takenByReading: Taken = mapped ? new Map() : taken;
  const { currency, receivedAt: at } = intake;
  const source = { data, inBody, isReward: isReward(event, data), currency, at };
  const reading = readObjects(source, takenByReading);
  const { objects } = reading;
  const tellsOnly = body.form === 'project' || body.form === 'legacy';
  const evidence = { data, hasCustomer: objects.customer !== null, row, mapped };
  const purpose = tellsOnly ? 'activity' : purposeOf(evidence);

  const verdict = verdictOn(purpose, reading, mapped);
  const oddities = [...sending.oddities, ...reading.oddities];
  const rest = restOf(body.root, taken, oddities);
  const issues = [...verdict.issues, ...uncarriable(rest)];
  if (issues.length > 0) return { ok: false, id, form: body.form, event, issues };

  const subject = objects.customer?.id ?? objects.customer?.sourceId;
  const record: RelayRecord = {
    specversion: '1.0',
    id,
    source: sending.source,
    type: `voucherify.${event ?? 'unknown'}`,
    ...(subject ? { subject } : {}),
    time: sending.time ?? timeOfPublication(reading) ?? at,
    datacontenttype: 'application/json',
    dataschema: RECORD_SCHEMA_ID,
    data: {
      purpose,
      distributionLabel: sending.label,
      test: isTest(sending, reading),
      receivedAt: at,
      ...objects,
      rest,
      warnings: [
        ...remarksOnEnvelope(body.form, sending, body.root),
        ...sending.oddities.map(warningOf),
        ...remarksOnEvent(body.form, event, row, data),
        ...verdict.warnings,
        ...remarksOnObjects(reading, at),
      ],
    },
  };
  return { ok: true, record };
}

function sendingOf(body: Body): Sending {
  switch (body.form) {
    case 'distribution':
    case 'project':
      return readEnvelope(body.root, body.form);
    case 'legacy':
      return readLegacyEnvelope(body.root);
    case 'data':
    case 'publication':
    case 'designer':
      return NO_ENVELOPE;
  }
}

function timeOfPublication({ objects }: ObjectsReading): string | null {
  const createdAt = objects.publication?.createdAt ?? null;
  return createdAt !== null && isFullTimestamp(createdAt) ? createdAt : null;
}

const ZEROS = /^[a-z]+_0+$/;

/** The dashboard shows sample payloads whose ids are zeros (vendor facts, section 2.4). */
function isTest(sending: Sending, { objects }: ObjectsReading): boolean {
  const { distribution, publication, voucher, customer } = objects;
  const ids = [...sending.ids, distribution?.id, publication?.id, voucher?.id, customer?.id];
  return ids.some((id) => typeof id === 'string' && ZEROS.test(id));
}
