import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeLine, escapeText } from '../../../lib/local/cli/escape-controls.ts';
import { formatLogLine } from '../../../lib/local/cli/format-log-line.ts';
import { formatQueueReport } from '../../../lib/local/cli/queue-report.ts';
import { formatTable } from '../../../lib/local/cli/table.ts';
import { parseLogLine } from '../../../lib/telemetry/log-lines.ts';

const DIRECTIONS_AND_SEPARATORS = [
  0x2028, 0x2029, 0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067,
  0x2068, 0x2069,
];
/** The controls of ASCII and Latin-1, both separators, and every character of UAX #9 that sets a direction. */
const CONTROLS = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, offset) => 0x7f + offset),
  ...DIRECTIONS_AND_SEPARATORS,
].map((code) => String.fromCharCode(code));
const anyControl = fc.constantFrom(...CONTROLS);
/** Texts in which every other character is a control. */
const hostileText = fc
  .array(fc.oneof(anyControl, fc.string({ unit: 'grapheme', maxLength: 3 })), { minLength: 1 })
  .map((parts) => parts.join(''));

const hasControls = (text: string): boolean => CONTROLS.some((control) => text.includes(control));

test.each([
  ['whs_a\nwhs_b', String.raw`whs_a\nwhs_b`],
  ['a\r\tb', String.raw`a\r\tb`],
  ['\u001b[31mred\u001b[0m', String.raw`\u001b[31mred\u001b[0m`],
  ['\u009b2J', String.raw`\u009b2J`],
  ['abc\u202edef', String.raw`abc\u202edef`],
  ['Zoë 👩‍💻 नमस्ते', 'Zoë 👩‍💻 नमस्ते'],
])('the value %j is shown as %s', (value, shown) => {
  expect(escapeLine(value)).toBe(shown);
});

test('no value leaves its line or reaches the terminal with a control character', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(hasControls(escapeLine(text))).toBe(false);
      expect(hasControls(escapeText(text).replaceAll(/[\n\t]/g, ''))).toBe(false);
    }),
  );
});

describe('what others have chosen cannot break the terminal', () => {
  const webhook = { message: 'webhook', status: 'quarantined', httpStatus: 202, ms: 1 };
  const delivery = { message: 'delivery', ms: 1, attempt: 2, event: 'a' };

  test('in a log line: one line, and one more for each issue', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const issues = [{ path: text, message: text }];
        const lines = [
          [{ ...webhook, id: text, event: text, purpose: text, cause: text, issues }, 2],
          [{ ...delivery, id: text, destination: text, status: 'waiting', cause: text }, 1],
          [{ ...delivery, id: text, destination: text, status: 'dead', cause: text }, 1],
          [{ message: 'error', code: 'invalid_message', id: text, cause: text, issues: [text] }, 1],
        ] as const;
        for (const [line, count] of lines) {
          const parsed = parseLogLine(JSON.stringify(line));
          expect(parsed.kind).toBe(line.message);
          const shown = formatLogLine(parsed).text.split('\n');
          expect(shown).toHaveLength(count);
          expect(shown.filter(hasControls)).toEqual([]);
        }
        expect(hasControls(formatLogLine({ kind: 'other', text }).text)).toBe(false);
      }),
    );
  });

  test('in a table: every row is one line', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const lines = formatTable([['id'], [text], [text]]).split('\n');
        expect([lines.length, lines.filter(hasControls)]).toEqual([4, []]);
      }),
    );
  });

  test('in a message or a request', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const request = {
          destination: 'http',
          method: 'POST',
          headers: { 'x-id': text },
          body: text,
          receivedAt: new Date(0),
        };
        const bodies = [text, JSON.stringify({ [text]: text })];
        const report = formatQueueReport([{ name: 'letters', bodies }], [request]);
        expect(hasControls(report.replaceAll(/[\n\t]/g, ''))).toBe(false);
      }),
    );
  });
});
