import { EXPECTED_OBJECT } from '../voucherify/fields.ts';
import { getObjectAt, isJsonObject, type JsonObject, type Path } from '../voucherify/json.ts';
import type { ConsumedKeys } from './field-map.ts';
import type { FieldIssue, LenientParser } from './lenient-parse.ts';
import type { ParsedValueIssue } from './parse-objects.ts';
import { type ConsumedObjects, markConsumed } from './unmapped-fields.ts';

/** Reads the objects of a workflow's webhook. All paths start at `data`. */
export interface LoyaltyReader {
  /** Returns the object at a path, whatever it holds; null when there is none. */
  readonly getObject: (path: Path) => JsonObject | null;
  /** Parses the object at a path; null when there is none. Another value there is an issue. */
  readonly parse: <Shape>(path: Path, parser: LenientParser<Shape>) => Shape | null;
  /** Says that the record holds these keys of the object at a path. */
  readonly consume: (path: Path, keys: ConsumedKeys) => void;
  /** Adds a warning. */
  readonly warn: (path: Path, message: string) => void;
  /** Whether a field was sent whose value could not be read, so that the record has null. */
  readonly isUnreadable: (path: Path) => boolean;
}

/** What a reader found to be wrong, with paths from the root of the body. */
export interface LoyaltyIssues {
  readonly fieldIssues: FieldIssue[];
  readonly valueIssues: ParsedValueIssue[];
}

/**
 * Creates a reader.
 * @param issues receives what is wrong
 * @param consumed receives what the record holds
 */
export function createLoyaltyReader(
  data: JsonObject,
  toBodyPath: (path: Path) => Path,
  { fieldIssues, valueIssues }: LoyaltyIssues,
  consumed: ConsumedObjects,
): LoyaltyReader {
  const unreadable = new Set<string>();
  const addFieldIssues = (issues: readonly FieldIssue[]): void => {
    for (const issue of issues) {
      fieldIssues.push(issue);
      if (!issue.coerced) unreadable.add(toKey(issue.path));
    }
  };
  return {
    getObject: (path) => getObjectAt(data, path),
    parse: (path, parser) => {
      const object = getObjectAt(data, path);
      if (object === null) {
        const key = path.at(-1);
        const parent = getObjectAt(data, path.slice(0, -1));
        const value = typeof key === 'string' ? parent?.[key] : undefined;
        if (value !== undefined && value !== null) {
          addFieldIssues([{ path: toBodyPath(path), message: EXPECTED_OBJECT, coerced: false }]);
        }
        return null;
      }
      const parsed = parser(object, toBodyPath(path));
      if (parsed === null) return null;
      addFieldIssues(parsed.fieldIssues);
      return parsed.object;
    },
    consume: (path, keys) => {
      if (isJsonObject(getObjectAt(data, path))) markConsumed(consumed, data, path, keys);
    },
    warn: (path, message) => {
      valueIssues.push({ path: toBodyPath(path), message, fatalFor: null });
    },
    isUnreadable: (path) => unreadable.has(toKey(toBodyPath(path))),
  };
}

function toKey(path: Path): string {
  return JSON.stringify(path);
}
