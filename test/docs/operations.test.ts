import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECK_MEANINGS, CHECK_REASON_FIXES } from '../../lib/operator/check-reasons.ts';
import { ERROR_CODE_MEANINGS } from '../../lib/telemetry/error-codes.ts';
import {
  DELIVERY_STATUS_MEANINGS,
  REPLAY_STATUS_MEANINGS,
  WEBHOOK_REASON_MEANINGS,
  WEBHOOK_STATUS_MEANINGS,
} from '../../lib/telemetry/statuses.ts';
import { readTable, toTableRows } from './tables.ts';

const DOCUMENT = readFileSync('docs/operations.md', 'utf8');

describe('docs/operations.md', () => {
  it.each<[string, { readonly [code: string]: string }]>([
    ['`status` of a `webhook` line', WEBHOOK_STATUS_MEANINGS],
    ['`reason` of a `webhook` line', WEBHOOK_REASON_MEANINGS],
    ['`status` of a `delivery` line', DELIVERY_STATUS_MEANINGS],
    ['`status` of a `replay` line, and in the report of a replay', REPLAY_STATUS_MEANINGS],
    ['`code` of an `error` line', ERROR_CODE_MEANINGS],
  ])('has exactly the values and meanings of the %s', (what, meanings) => {
    expect(readTable(DOCUMENT, `| ${what} | meaning |`)).toEqual(toTableRows(meanings));
  });

  it.each<[string, { readonly [code: string]: string }]>([
    ['| check | what is ok |', CHECK_MEANINGS],
    ['| reason of a check | what it means, and how to fix it |', CHECK_REASON_FIXES],
  ])('has exactly the rows of the table %s', (heading, meanings) => {
    expect(readTable(DOCUMENT, heading)).toEqual(toTableRows(meanings));
  });
});
