import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAILURE_MEANINGS } from '../../lib/reconcile/failure.ts';
import { CLASS_MEANINGS } from '../../lib/reconcile/compare.ts';
import { MAX_LISTED } from '../../lib/reconcile/reconcile.ts';
import { readTable, toTableRows } from './tables.ts';

const DOCUMENT = readFileSync('docs/reconcile.md', 'utf8');

it('docs/reconcile.md has each class, with its meaning', () => {
  expect(readTable(DOCUMENT, '| class | meaning |')).toEqual(toTableRows(CLASS_MEANINGS));
});

it('docs/reconcile.md has each reason of a failure, with its meaning', () => {
  expect(readTable(DOCUMENT, '| reason | meaning |')).toEqual(toTableRows(FAILURE_MEANINGS));
});

it('docs/reconcile.md says how many are listed', () => {
  expect(DOCUMENT).toContain(`at most ${MAX_LISTED.toLocaleString('en')}`);
});
