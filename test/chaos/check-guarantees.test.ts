import { beforeEach, describe, expect, it } from 'vitest';
import { DESTINATIONS, accepts } from './destinations.ts';
import { type Trace, createTrace, type ResponseFate } from './trace.ts';
import type { ParsedFailure, ParsedMessage } from './parse-message.ts';
import { formatChaosReport } from './report.ts';
import { type RunData, checkGuarantees, type GuaranteeReport } from './check-guarantees.ts';

/** The id of a record that every destination accepts. */
const RECORD_ID = Array.from({ length: 1_000 }, (_, n) => `whs_${n}`).find((id) =>
  DESTINATIONS.every((destination) => accepts(destination, id)),
)!;

let trace: Trace;

beforeEach(() => {
  trace = createTrace();
  for (const { name } of DESTINATIONS) setReceived(name, 'responded');
});

function setReceived(destination: string, ...fates: ResponseFate[]): void {
  const { received } = trace.getDelivery(RECORD_ID, destination);
  received.splice(0, received.length);
  for (const [n, fate] of fates.entries()) received.push({ invocationId: `call-${n}`, fate });
}

/** A row in this state for each destination of the record. */
const rowsAs = (state: string): ReadonlyMap<string, string> =>
  new Map(DESTINATIONS.map(({ name }) => [`${name} ${RECORD_ID}`, state]));

function check(overrides: Partial<RunData> = {}): GuaranteeReport {
  return checkGuarantees({
    trace,
    destinations: DESTINATIONS,
    acknowledged: new Map([[RECORD_ID, 'queued']]),
    consumedCounts: new Map([
      [RECORD_ID, trace.getDelivery(RECORD_ID, 'consumers').received.length],
    ]),
    deadLetters: [],
    quarantined: new Set(),
    rowStates: rowsAs('delivered'),
    ...overrides,
  });
}

function deadLetter(
  destination: string | null,
  reason: string | null,
  lastFailure: ParsedFailure | null = null,
): ParsedMessage {
  return { recordId: RECORD_ID, destination, reason, lastFailure };
}

const httpStatus = (status: number): ParsedFailure => ({ reason: 'http_status', status });

function formatReport(guarantees: GuaranteeReport) {
  const counts = { acknowledged: 1, quarantined: 0, givenUpCount: 0, repostedCount: 0 };
  return formatChaosReport({
    ...counts,
    guarantees: guarantees,
    injectedFaults: new Map(),
    unfinished: [],
  });
}

describe('a row, in a chaos run,', () => {
  it('is true when it says that the delivery was made', () => {
    expect(check().wrongRows).toEqual([]);
  });

  it.each(['dead', 'waiting', 'in_progress'])('is not true as %s then', (state) => {
    const guarantees = check({ rowStates: rowsAs(state) });
    expect(guarantees.wrongRows).toContainEqual({
      recordId: RECORD_ID,
      destination: 'mail',
      state,
      expected: ['delivered'],
    });
    const { hasPassed, text } = formatReport(guarantees);
    expect(hasPassed).toBe(false);
    expect(text).toContain(`WRONG ROW: ${RECORD_ID} at mail: ${state}, and not delivered`);
  });

  it('is missing when there is none', () => {
    expect(check({ rowStates: new Map() }).wrongRows).toHaveLength(DESTINATIONS.length);
  });

  it('may be behind when the log says that it could not be written', () => {
    trace.getDelivery(RECORD_ID, 'mail').failedWrites.add('call-0');
    const { wrongRows } = check({ rowStates: rowsAs('in_progress') });
    expect(wrongRows.map(({ destination }) => destination)).not.toContain('mail');
  });

  it('is dead for a dead letter', () => {
    setReceived('mail');
    const guarantees = check({
      deadLetters: [deadLetter('mail', 'attempts_exhausted', httpStatus(503))],
    });
    expect(guarantees.wrongRows).toEqual([
      { recordId: RECORD_ID, destination: 'mail', state: 'delivered', expected: ['dead'] },
    ]);
  });
});

describe('lost, in a chaos run,', () => {
  it('is nothing when every destination responded in time', () => {
    expect(check()).toMatchObject({ lost: [], duplicates: [], deadLetters: [] });
    expect(formatReport(check())).toMatchObject({ hasPassed: true });
  });

  it.each<[string, ResponseFate[]]>([
    ['sent no request', []],
    ['sent a request and did not respond', ['no_response']],
    ['sent a request and closed the connection', ['cut']],
    ['sent a request and responded after the timeout', ['responded_late']],
  ])('is a record whose destination was %s', (_case, fates) => {
    setReceived('mail', ...fates);
    const guarantees = check();
    expect(guarantees.lost).toEqual([{ recordId: RECORD_ID, destination: 'mail' }]);
    const { hasPassed, text } = formatReport(guarantees);
    expect([hasPassed, text.split('\n').at(-1)]).toEqual([false, 'lost: 1']);
  });

  it('is a record that the consumers did not get', () => {
    expect(check({ consumedCounts: new Map() }).lost).toEqual([
      { recordId: RECORD_ID, destination: 'consumers' },
    ]);
  });

  it('is a webhook that was acknowledged as quarantined and is not on [quarantine]', () => {
    const acknowledged = new Map([['sha_1', 'quarantined']]);
    expect(check({ acknowledged }).lost).toEqual([
      { recordId: 'sha_1', destination: 'quarantine' },
    ]);
    expect(check({ acknowledged, quarantined: new Set(['sha_1']) }).lost).toEqual([]);
  });

  it('is not a delivery or a record that is on [dead-letters]', () => {
    setReceived('mail');
    setReceived('crm');
    expect(check({ deadLetters: [deadLetter('mail', 'rejected', httpStatus(422))] }).lost).toEqual([
      { recordId: RECORD_ID, destination: 'crm' },
    ]);
    expect(check({ deadLetters: [deadLetter(null, null)] }).lost).toEqual([]);
  });
});

describe('a duplicate delivery', () => {
  const findReasons = () => check().duplicates.map(({ reason }) => reason);

  it('is unexplained, and fails the run, when the first request got its response in time and nothing failed', () => {
    setReceived('mail', 'responded', 'responded');
    const guarantees = check();
    expect(guarantees.duplicates).toMatchObject([
      { recordId: RECORD_ID, destination: 'mail', reason: null },
    ]);
    expect(formatReport(guarantees)).toMatchObject({ hasPassed: false });
  });

  it.each<[string, () => void]>([
    ['killed', () => trace.abnormalEnds.set('call-0', 'killed')],
    ['the finishing write', () => trace.getDelivery(RECORD_ID, 'mail').failedWrites.add('call-0')],
    ['the timeout', () => trace.getDelivery(RECORD_ID, 'mail').timeouts.add('call-0')],
  ])('is explained by a fault of the same invocation: %s', (expected, arrange) => {
    setReceived('mail', 'responded', 'responded');
    arrange();
    expect(findReasons()).toEqual([expect.stringContaining(expected)]);
  });

  it('is not explained by a fault of another invocation', () => {
    setReceived('mail', 'responded', 'responded', 'responded');
    trace.abnormalEnds.set('call-0', 'killed');
    expect(findReasons()).toEqual([expect.stringContaining('killed'), null]);
  });

  it.each<[ResponseFate, string]>([
    ['responded_late', 'responded after the timeout'],
    ['no_response', 'no response within the timeout'],
    ['cut', 'the connection was closed'],
    ['response_lost', 'its response was lost'],
    ['no_result', 'no result for the record'],
  ])('is explained by a request that ended as %s', (fate, expected) => {
    setReceived('mail', fate, 'responded');
    expect(findReasons()).toEqual([expect.stringContaining(expected)]);
  });

  it('is unexplained at a destination with onNoResponse dead-letter, unless the record was delivered again', () => {
    setReceived('sms', 'no_response', 'responded');
    expect(check().duplicates).toMatchObject([{ destination: 'sms', reason: null }]);
    trace.redeliveries.set(RECORD_ID, 1);
    expect(findReasons()).toEqual([
      expect.stringContaining('the record was delivered to fanOut again'),
    ]);
  });

  it('is unexplained when the consumers received more messages than were sent', () => {
    expect(check({ consumedCounts: new Map([[RECORD_ID, 2]]) }).duplicates).toMatchObject([
      { destination: 'consumers', reason: null },
    ]);
  });
});

describe('a dead letter', () => {
  const explain = (message: ParsedMessage) =>
    check({ deadLetters: [message] }).deadLetters.map((each) => each.reason);

  it.each<[string, ParsedFailure, string, string, () => void]>([
    [
      'rejected',
      httpStatus(422),
      'mail',
      '422',
      () => (trace.getDelivery(RECORD_ID, 'mail').wasRejected = true),
    ],
    [
      'rejected',
      { reason: 'mapped_response', status: 207 },
      'profiles',
      'refused this record',
      () => (trace.getDelivery(RECORD_ID, 'profiles').wasRejected = true),
    ],
    [
      'maybe_delivered',
      { reason: 'timeout', status: null },
      'sms',
      'no response',
      () => setReceived('sms', 'no_response'),
    ],
    [
      'attempts_exhausted',
      httpStatus(503),
      'crm',
      '11',
      () => (trace.getDelivery(RECORD_ID, 'crm').requests = 11),
    ],
  ])(
    '%s (%j) is explained only by what the run did',
    (reason, lastFailure, destination, expected, arrange) => {
      const message = deadLetter(destination, reason, lastFailure);
      expect(explain(message)).toEqual([null]);
      arrange();
      expect(explain(message)).toEqual([expect.stringContaining(expected)]);
    },
  );

  it.each<[string, ParsedFailure | null]>([
    ['rejected', httpStatus(404)],
    ['rejected', { reason: 'deliver_threw', status: null }],
    ['rejected', null],
    ['unknown_destination', null],
    ['too_old', httpStatus(500)],
  ])('%s (%j) is never explained, and fails the run', (reason, lastFailure) => {
    trace.getDelivery(RECORD_ID, 'mail').wasRejected = true;
    const guarantees = check({ deadLetters: [deadLetter('mail', reason, lastFailure)] });
    expect(guarantees.deadLetters).toMatchObject([{ reason: null }]);
    expect(formatReport(guarantees)).toMatchObject({ hasPassed: false });
  });

  it('of a delivery whose attempts did not end is explained by as many disturbances', () => {
    const message = deadLetter('mail', 'attempts_unfinished');
    trace.redeliveries.set(RECORD_ID, 2);
    expect(explain(message)).toEqual([null]);
    trace.redeliveries.set(RECORD_ID, 3);
    expect(explain(message)).toEqual([expect.stringContaining('killed')]);
  });

  it('that SQS moved is never explained: no run has a thousand receives', () => {
    trace.redeliveries.set(RECORD_ID, 999);
    expect(explain(deadLetter('mail', null))).toEqual([null]);
    expect(new Set(explain(deadLetter(null, null)))).toEqual(new Set([null]));
  });
});
