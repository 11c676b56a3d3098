import * as v from 'valibot';
import type { Call } from '../state/request.ts';
import { rowOf } from '../state/store.ts';
import type { RecordStory, Tried } from '../state/timeline.ts';
import type { Attempt, Document, Opened, Stop } from '../protocol.ts';
import { layout } from './format-json.ts';
import { knownValues, masked } from './mask.ts';
import { withoutKnown } from './personal-data.ts';
import { type Remark, withRemarks, withRest } from './annotations.ts';

const RecordSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    data: v.record(v.string(), v.unknown()),
  }),
);

const WarningsSchema = v.fallback(v.array(v.object({ path: v.string(), message: v.string() })), []);

/**
 * Everything about one webhook, for a person to read.
 * @param reveal shows codes, e-mail addresses and names as they are
 */
export function openedCall(call: Call, story: RecordStory | null, reveal: boolean): Opened {
  const recordText = story?.text ?? null;
  const masking = {
    known: knownValues([call.body, recordText ?? '']),
    strict: recordText === null && call.entry?.status !== 'refused',
  };
  const shown = (text: string): string => (reveal ? text : masked(text, masking));
  const plain = (text: string): string => (reveal ? text : withoutKnown(text, masking.known));
  const record = v.safeParse(RecordSchema, recordText);
  const { rest, ...data } = record.success ? record.output.data : {};
  const issues = call.entry?.issues ?? [];
  const remarks: Remark[] = [
    ...issues.map(remarkOf('issue')),
    ...v.parse(WarningsSchema, data['warnings']).map(remarkOf('warning')),
  ];
  const body = withRemarks(layout(shown(call.body), call.cutOff), remarks);
  return {
    row: rowOf(call, story),
    ms: call.ms,
    headers: Object.entries(call.headers).map(([name, value]) => [name, plain(value)]),
    bytes: call.bytes,
    base64: call.base64,
    body: rest === undefined ? body : withRest(body, rest),
    asItCame: shown(call.body),
    signature: SIGNATURES[call.signed],
    answerBody: plain(call.answerBody),
    issues: [...issues],
    record: record.success
      ? layout(shown(JSON.stringify({ ...record.output, data })))
      : recordText === null
        ? null
        : layout(shown(recordText), story?.cutOff),
    rest: rest === undefined ? null : layout(shown(JSON.stringify(rest))),
    way: wayOf(call, story),
    attempts: (story?.tried ?? []).map((tried) => attemptOf(tried, shown)),
    masked: !reveal,
  };
}

const remarkOf =
  (tone: Remark['tone']) =>
  ({ path, message }: Omit<Remark, 'tone'>): Remark => ({ path, message, tone });

const SIGNATURES: Readonly<Record<Call['signed'], Opened['signature']>> = {
  raw: { tone: 'good', text: 'matches the body, byte for byte' },
  compact: { tone: 'good', text: 'matches the body without its white space' },
  missing: { tone: 'bad', text: 'is missing' },
  malformed: { tone: 'bad', text: 'is not 64 hexadecimal digits' },
  mismatch: { tone: 'bad', text: 'does not match the body: forged, or another secret' },
};

function attemptOf(
  { at, entry, times, nextAt, wire }: Tried,
  shown: (t: string) => string,
): Attempt {
  const { destination, attempt, outcome, reason = null, status = null, ms } = entry;
  const answer = wire?.answer ?? (status === null ? null : { head: String(status), ms });
  return {
    at,
    destination,
    attempt,
    outcome,
    reason,
    status,
    ms,
    nextAt,
    times,
    request: wire === null ? null : { head: wire.head, body: documentOf(shown(wire.body)) },
    answer: wire === null ? null : answer,
  };
}

function documentOf(text: string): Document {
  return text === '' ? { lines: [], cutOff: 0 } : layout(text);
}

function wayOf(call: Call, story: RecordStory | null): Stop[] {
  const { status = 'failed', reason } = call.entry ?? {};
  const came: Stop = { station: 'endpoint', afterMs: 0, text: 'came in', tone: 'plain' };
  const answered: Stop = {
    station: 'endpoint',
    afterMs: call.ms,
    text: `answered ${call.answer}: ${status}${reason === undefined ? '' : ` (${reason})`}`,
    tone: call.answer >= 400 ? 'bad' : status === 'quarantined' ? 'warning' : 'good',
  };
  const later = (story?.stops ?? []).map(({ at, stop: { station, text, tone } }): Stop => ({
    station,
    text,
    tone,
    afterMs: at - call.at,
  }));
  return [came, answered, ...later.filter(({ afterMs }) => afterMs >= 0)].sort(
    (a, b) => a.afterMs - b.afterMs,
  );
}
