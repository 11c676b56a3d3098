import type { Notice } from '../protocol.ts';

/** The last lines for the person at the page. */
export interface Notices {
  add(tone: Notice['tone'], text: string): void;
  /** Those after a number. */
  since(number: number): Notice[];
}

const KEPT = 20;

/** @param now milliseconds since 1970 */
export function createNotices(now: () => number): Notices {
  const kept: Notice[] = [];
  let number = 0;
  return {
    add(tone, text) {
      number += 1;
      kept.push({ number, at: now(), tone, text });
      if (kept.length > KEPT) kept.shift();
    },
    since: (known) => kept.filter((each) => each.number > known),
  };
}
