import { useEffect, useRef, useState } from 'preact/hooks';
import { type Filter, SearchResultSchema } from '../commands.ts';
import type { Row } from '../protocol.ts';
import { getErrorMessage, postCommand } from './api.ts';
import { useToast } from './toast.ts';

/** Rows change several times a second. */
const INTERVAL_MS = 250;

/** Whether a filter lets everything through. */
export function isEmptyFilter({ text, event, distribution, state }: Filter): boolean {
  return text.trim() === '' && event === null && distribution === null && state === null;
}

/**
 * Returns the rows that a filter lets through. The server looks, because the page has neither codes nor
 * addresses, and looks again when rows have changed.
 */
export function useSearch(filter: Filter, rows: readonly Row[]): readonly Row[] {
  const showToast = useToast();
  const [keys, setKeys] = useState<ReadonlySet<string> | null>(null);
  const wanted = useRef<Filter | null>(null);
  const isRunning = useRef(false);
  const isEmpty = isEmptyFilter(filter);
  const request = JSON.stringify(filter);
  useEffect(() => {
    wanted.current = isEmpty ? null : filter;
    if (isEmpty) setKeys(null);
    if (isEmpty || isRunning.current) return;
    const search = async (): Promise<void> => {
      isRunning.current = true;
      while (wanted.current !== null) {
        const sent = wanted.current;
        wanted.current = null;
        const result = await postCommand(SearchResultSchema, '/console/search', sent);
        setKeys(new Set(result.keys));
        await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
      }
    };
    search()
      .catch((error: unknown) => showToast(getErrorMessage(error)))
      .finally(() => (isRunning.current = false));
  }, [request, isEmpty, rows, showToast]);
  return isEmpty || keys === null ? rows : rows.filter(({ key }) => keys.has(key));
}
