import type { Issue } from '../record/record.ts';
import { type BodyFormat, isVoucherifyData, type WebhookBody } from '../voucherify/body-format.ts';
import { isJsonObject, type JsonObject, type Path } from '../voucherify/json.ts';
import { isBlank } from '../voucherify/no-value.ts';
import { applyMapping, type Mapping, type UnknownMapping } from './mapping.ts';

/** The objects that a body carries, in Voucherify's shape. */
export interface Payload {
  readonly data: JsonObject;
  /** A merchant's mapping made it from the body. */
  readonly isMapped: boolean;
  /** What was tolerated while it was extracted. */
  readonly warnings: readonly Issue[];
  /** Turns a path in `data` into a path in the body. */
  readonly toBodyPath: (path: Path) => Path;
}

/** The payload of a body, or the issues for which there is none. */
export type ExtractResult =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const EMPTY_OBJECT: JsonObject = {};
const UNKNOWN_FORMAT_MESSAGE =
  "Expected a Voucherify envelope, or its data alone; send your own shape to a mapping's URL";

/**
 * Extracts the payload of a body, through the merchant's mapping if the URL names one. Nobody can design
 * the body of a project webhook, so its data is Voucherify's own at any URL. The object of a 2018
 * envelope is not read (vendor facts, section 2.3), so its payload is empty.
 */
export function extractPayload(
  body: WebhookBody,
  mapping: Mapping | UnknownMapping | null,
): ExtractResult {
  if (body.format === 'legacy') return toResult(EMPTY_OBJECT, (path) => path);
  if (mapping !== null && canBeDesigned(body)) {
    if ('issue' in mapping) return { ok: false, issues: [mapping.issue] };
    return extractThroughMapping(body, mapping);
  }
  switch (body.format) {
    case 'distribution':
    case 'project':
    case 'workflow':
    case 'other':
      return toResult(body.data, toDataPath);
    case 'data':
      return toResult(body.root, (path) => path);
    case 'publication':
      return toResult({ publication: body.root }, (path) => path.slice(1));
    case 'designer':
      return { ok: false, issues: explainUnknownFormat(body.root) };
  }
}

const FIXED_FORMATS: ReadonlySet<BodyFormat> = new Set(['project', 'workflow', 'other', 'legacy']);

/**
 * Says whether a mapping may read a body. Only the webhook of a distribution can be shaped: every other
 * envelope is as Voucherify makes it.
 */
export function canBeDesigned({ format }: WebhookBody): boolean {
  return !FIXED_FORMATS.has(format);
}

const toDataPath = (path: Path): Path => ['data', ...path];

function toResult(
  data: JsonObject,
  toBodyPath: (path: Path) => Path,
  warnings: readonly Issue[] = [],
): ExtractResult {
  return { ok: true, payload: { data, isMapped: false, warnings, toBodyPath } };
}

/**
 * A distribution whose body nobody designed can have the URL of a mapping by mistake. What the mapping
 * refuses is read plainly if it is certain that it is Voucherify's own data: in an envelope.
 */
function extractThroughMapping(body: WebhookBody, mapping: Mapping): ExtractResult {
  const result =
    'data' in body
      ? applyMapping(mapping, body.data, ['data'])
      : applyMapping(mapping, body.root, []);
  if (result.ok) {
    const name = `mapping ${mapping.name}`;
    const toBodyPath = (path: Path): Path => [name, ...path];
    return { ok: true, payload: { data: result.data, isMapped: true, warnings: [], toBodyPath } };
  }
  if (result.isRefused && 'data' in body && isVoucherifyData(body.data)) {
    const message = `The mapping ${mapping.name} rejects Voucherify's own data; it was read without the mapping`;
    return toResult(body.data, toDataPath, [{ path: 'data', message }]);
  }
  return { ok: false, issues: result.issues };
}

/** For a body that looks like an envelope: what it lacks. For any other: the formats that exist. */
function explainUnknownFormat(root: JsonObject): readonly Issue[] {
  const { data, source, event } = root;
  if (!isJsonObject(data) || !(isJsonObject(source) || isJsonObject(event))) {
    return [{ path: '', message: UNKNOWN_FORMAT_MESSAGE }];
  }
  const issues: Issue[] = [];
  const sourceType = isJsonObject(source) ? source['object'] : null;
  if (typeof sourceType !== 'string' || isBlank(sourceType)) {
    issues.push({
      path: 'source.object',
      message: 'Expected the kind of source: distribution, webhook or workflow',
    });
  }
  if (!isJsonObject(event) || typeof event['type'] !== 'string' || event['type'] === '') {
    issues.push({ path: 'event.type', message: 'Expected the name of the event' });
  }
  return issues;
}
