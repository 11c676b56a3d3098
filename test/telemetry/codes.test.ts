import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODE_MEANINGS, ERROR_CODES } from '../../lib/telemetry/error-codes.ts';
import {
  DEAD_LETTER_REASON_MEANINGS,
  DEAD_LETTER_REASONS,
  FAILURE_REASON_MEANINGS,
  FAILURE_REASONS,
} from '../../lib/telemetry/reason-codes.ts';
import {
  DELIVERY_STATUS_MEANINGS,
  DELIVERY_STATUSES,
  REPLAY_STATUS_MEANINGS,
  REPLAY_STATUSES,
  WEBHOOK_REASON_MEANINGS,
  WEBHOOK_REASONS,
  WEBHOOK_STATUS_MEANINGS,
  WEBHOOK_STATUSES,
} from '../../lib/telemetry/statuses.ts';

describe.each<[string, readonly string[], { readonly [code: string]: string }]>([
  ['failure reasons', FAILURE_REASONS, FAILURE_REASON_MEANINGS],
  ['dead-letter reasons', DEAD_LETTER_REASONS, DEAD_LETTER_REASON_MEANINGS],
  ['error codes', ERROR_CODES, ERROR_CODE_MEANINGS],
  ['webhook statuses', WEBHOOK_STATUSES, WEBHOOK_STATUS_MEANINGS],
  ['webhook reasons', WEBHOOK_REASONS, WEBHOOK_REASON_MEANINGS],
  ['delivery statuses', DELIVERY_STATUSES, DELIVERY_STATUS_MEANINGS],
  ['replay statuses', REPLAY_STATUSES, REPLAY_STATUS_MEANINGS],
])('the list of %s', (_name, codes, meanings) => {
  it('has no duplicates', () => {
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('has only codes in snake_case', () => {
    for (const code of codes) expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
  });

  it('has one meaning for each code, in the same order', () => {
    expect(Object.keys(meanings)).toEqual(codes);
    for (const meaning of Object.values(meanings)) expect(meaning).not.toMatch(/[|\n]/);
  });
});

/** A template string that joins a code of several parts: `x_${y}`, `${x}_y`, or `code: ${x}`. */
const JOINED_CODE = /`[a-z_]*_\$\{|\}_[a-z_]*[`$]|`(?:[a-z]+_)*[a-z]+: \$\{|`\$\{[^}]*\}: \$\{/;
const CODE_LITERAL = /(?:code|reason|failure|status): `/;

const SOURCES = globSync('lib/{destinations,fan-out,receive,replay,telemetry}/**/*.ts');

describe('no code is put together from text', () => {
  it('by a template string of the sources', () => {
    expect(SOURCES.length).toBeGreaterThan(30);
    const joined = SOURCES.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => JOINED_CODE.test(line) || CODE_LITERAL.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(joined).toEqual([]);
  });

  it.each([
    'return `http_${status}`;',
    'const reason = `${code}_threw`;',
    'return `too_old: ${reason}`;',
    'return `${code}: ${reason}`;',
    'telemetry.error({ code: `${name}` });',
  ])('and would be found: %s', (line) => {
    expect(JOINED_CODE.test(line) || CODE_LITERAL.test(line)).toBe(true);
  });
});
