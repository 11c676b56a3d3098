import { EVENT_KEYS, EVENT_SUBJECTS } from './event-catalogue.ts';
import { isJsonObject, type JsonObject, ownValue } from './json.ts';

/**
 * The forms of a webhook's body (vendor facts, section 2): an envelope of a distribution, of the
 * project's settings, or of 2018; without an envelope the data object alone, or a publication
 * alone; and whatever a marketer built in the payload designer.
 */
export type BodyForm = 'distribution' | 'project' | 'legacy' | 'data' | 'publication' | 'designer';

/** A body told apart by its keys. `data` holds the objects: the envelope's data, or the body itself. */
export type Body =
  | {
      readonly form: 'distribution' | 'project';
      readonly root: JsonObject;
      readonly data: JsonObject;
    }
  | { readonly form: 'legacy' | 'data' | 'publication' | 'designer'; readonly root: JsonObject };

/**
 * Recognises the form of a body by its keys, in the order of the vendor facts, section 2.3.
 * @returns null when the body is no JSON object, and so no webhook of Voucherify
 */
export function recogniseBody(payload: unknown): Body | null {
  if (!isJsonObject(payload)) return null;
  const data = ownValue(payload, 'data');
  const source = ownValue(payload, 'source');
  if (isJsonObject(data) && isJsonObject(source) && hasEventName(payload)) {
    const sender = ownValue(source, 'object');
    if (sender === 'distribution') return { form: 'distribution', root: payload, data };
    if (sender === 'webhook') return { form: 'project', root: payload, data };
  }
  if (payload['object'] === 'event' && typeof ownValue(payload, 'webhook_id') === 'string') {
    return { form: 'legacy', root: payload };
  }
  if (isPublication(payload)) return { form: 'publication', root: payload };
  return { form: isBareData(payload) ? 'data' : 'designer', root: payload };
}

function hasEventName(envelope: JsonObject): boolean {
  const event = ownValue(envelope, 'event');
  return isJsonObject(event) && typeof event['type'] === 'string' && event['type'] !== '';
}

function isPublication(payload: JsonObject): boolean {
  return (
    payload['object'] === 'publication' &&
    isJsonObject(payload['customer']) &&
    !isJsonObject(payload['publication'])
  );
}

/**
 * The data object alone: that of a manual distribution; a customer with what was sent or with what
 * happened; or nothing but the sender's own objects under the sender's own keys, as the payload
 * designer sends them in raw mode when nobody changed them. Anything more is a marketer's own shape:
 * in quarantine somebody sees it, while a record taken for mere activity would mail nobody.
 */
function isBareData(payload: JsonObject): boolean {
  if (isJsonObject(payload['distribution'])) return true;
  const keys = Object.keys(payload);
  if (isJsonObject(payload['customer'])) {
    const told = (key: string): boolean => SENT.has(key) || EVENT_SUBJECTS.has(key);
    if (keys.some((key) => told(key) && isJsonObject(payload[key]))) return true;
  }
  return keys.every((key) => EVENT_KEYS.has(key)) && keys.some((key) => isMarked(payload[key]));
}

const SENT: ReadonlySet<string> = new Set(['voucher', 'publication', 'promotion_tier']);

/** The sender marks its objects with their kind: `object: "voucher"`. */
function isMarked(value: unknown): boolean {
  return isJsonObject(value) && typeof value['object'] === 'string';
}
