import { isDeepStrictEqual } from 'node:util';
import type { RelayRecord } from '../../lib/record/record.ts';
import { isJsonObject } from '../../lib/voucherify/json.ts';
import { OBJECT_PATHS, VALUE_NAMES, WORKFLOW_PATHS } from './documented-fields.ts';

/** A value that contains no other: a string, a number, a boolean, null, an empty object or list. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Lists every leaf of a JSON value with its path. */
export function listLeaves(value: unknown, path: readonly string[] = []): Leaf[] {
  const entries = listEntries(value);
  if (entries === null || entries.length === 0) return [{ path, value }];
  return entries.flatMap(([key, entry]) => listLeaves(entry, [...path, key]));
}

/**
 * Finds the leaves of a body that are not in the record: neither at their own path in `unmapped`, nor
 * with an equal value at the documented path. It uses the documentation's table, not lib/normalise.
 * @param payload the body after JSON.parse
 * @returns dotted paths; none when the record has every value
 */
export function findLostValues(payload: unknown, record: RelayRecord): string[] {
  return listLeaves(payload)
    .filter(
      ({ path, value }) =>
        !isEqual(getValue(record.data.unmapped, path), value) &&
        !isAtDocumentedPath(path, value, payload, record),
    )
    .map(({ path }) => path.join('.'));
}

/**
 * Finds the leaves of a body that the record holds twice: at the documented path, and in `unmapped` too.
 * Null is in every place that is absent, so it does not count.
 * @returns dotted paths; a list of which any part is unmapped stays whole, so its leaves can be among them
 */
export function findRepeatedValues(payload: unknown, record: RelayRecord): string[] {
  return listLeaves(payload)
    .filter(
      ({ path, value }) =>
        value !== null &&
        isEqual(getValue(record.data.unmapped, path), value) &&
        isAtDocumentedPath(path, value, payload, record),
    )
    .map(({ path }) => path.join('.'));
}

function isAtDocumentedPath(
  path: readonly string[],
  value: unknown,
  payload: unknown,
  record: RelayRecord,
): boolean {
  if (getEnvelopeValues(path, record).some((expected) => isEqual(expected, value))) return true;
  const isWorkflow =
    isJsonObject(payload) && getValue(payload, ['source', 'object']) === 'workflow';
  return findRecordPaths(toDataPath(path, payload), isWorkflow).some((recordPath) =>
    getValues(record.data, recordPath).some(
      (actual) =>
        isEqual(actual, value) ||
        (holdsValueName(recordPath) && isEqual(actual, toValueName(value))),
    ),
  );
}

/** The value at a path; for a path with `*`, the value of every item of that list. */
function getValues(root: unknown, path: readonly string[]): readonly unknown[] {
  const star = path.indexOf('*');
  if (star < 0) return [getValue(root, path)];
  const list = listEntries(getValue(root, path.slice(0, star))) ?? [];
  return list.map(([, item]) => getValue(item, path.slice(star + 1)));
}

/** The values of an envelope that are in CloudEvents' own attributes and in the label. */
function getEnvelopeValues(path: readonly string[], record: RelayRecord): readonly unknown[] {
  const [, , project, source] = record.source.split('/').map(decodeURIComponent);
  const event = record.type.replace(/^voucherify\.(?:workflow\.|unknown\.)?/, '');
  const workflow = record.data.loyalty?.workflow;
  switch (path.join('.')) {
    case 'id':
    case 'webhook_id':
      return [record.id];
    case 'project_id':
      // without a project its segment is empty
      return [project || undefined];
    case 'source.id':
      return [source];
    case 'source.workflow.id':
    case 'source.workflow.version':
    case 'source.workflow.node':
    case 'source.workflow.run':
    case 'source.workflow.step':
      return [getValue(workflow, path.slice(2))];
    case 'event.type':
      return [event];
    case 'type':
      return [record.data.distributionLabel ?? event];
    case 'created_at':
    case 'event.created_at':
      return [record.time];
    default:
      return [];
  }
}

/** The path within the data object, for every format of body. */
function toDataPath(path: readonly string[], payload: unknown): readonly string[] {
  if (path[0] === 'data') return path.slice(1);
  const isPublication = isJsonObject(payload) && payload['object'] === 'publication';
  return isPublication ? ['publication', ...path] : path;
}

/**
 * Returns the documented places in a record's `data` of a path in a webhook's `data`, without those of
 * envelopes.
 */
export function findRecordPaths(
  path: readonly string[],
  isWorkflow = false,
): readonly (readonly string[])[] {
  return (isWorkflow ? WORKFLOW_PATHS : OBJECT_PATHS).flatMap(([from, to, fields]) => {
    const steps = from.split('.');
    if (!steps.every((step, index) => path[index] === step)) return [];
    const field = path.slice(steps.length);
    const metadata = field.indexOf('metadata');
    const metadataPath = fields.get(field.slice(0, metadata + 1).join('.'));
    if (metadataPath !== undefined && metadata >= 0) {
      return [[...to.split('.'), ...metadataPath.split('.'), ...field.slice(metadata + 1)]];
    }
    const recordPath = fields.get(field.map((key) => (isIndex(key) ? '#' : key)).join('.'));
    if (recordPath === undefined) return [];
    const indexes = field.filter(isIndex).values();
    const keys = recordPath
      .split('.')
      .map((key) => (key === '#' ? (indexes.next().value ?? key) : key));
    return [[...to.split('.'), ...keys]];
  });
}

function isIndex(key: string): boolean {
  return /^\d+$/.test(key);
}

function holdsValueName(recordPath: readonly string[]): boolean {
  return recordPath.at(-1) === 'kind' || recordPath.at(-1) === 'form';
}

function toValueName(name: unknown): unknown {
  return typeof name === 'string' ? (VALUE_NAMES.get(name) ?? name) : name;
}

/** The value at a path. Below a null, every value is null. */
function getValue(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (current === null) return null;
    current = listEntries(current)?.find(([name]) => name === key)?.[1];
  }
  return current;
}

function listEntries(value: unknown): [string, unknown][] | null {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item, index) => [String(index), item]);
  }
  return isJsonObject(value) ? Object.entries(value) : null;
}

function isEqual(actual: unknown, value: unknown): boolean {
  return actual === value || isDeepStrictEqual(actual, value);
}
