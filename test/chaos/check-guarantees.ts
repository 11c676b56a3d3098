import { type ChaosDestination, CONSUMERS_DESTINATION, accepts } from './destinations.ts';
import { explainDuplicate } from './explain-duplicates.ts';
import type { Trace, ResponseFate, DeliveryTrace } from './trace.ts';
import { explainDeadLetter, type ExplainContext } from './explain-dead-letters.ts';
import type { ParsedMessage } from './parse-message.ts';

/** What was recorded in a run. */
export interface RunData extends ExplainContext {
  readonly trace: Trace;
  /** The status that each acknowledged webhook got, by its record id. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** How often the merchant's consumers received each record. */
  readonly consumedCounts: ReadonlyMap<string, number>;
  readonly deadLetters: readonly ParsedMessage[];
  /** The ids on [quarantine]. */
  readonly quarantined: ReadonlySet<string>;
  /** The state of each row of the table, by destination and record id with a blank between. */
  readonly rowStates: ReadonlyMap<string, string>;
}

/** The deliveries of one destination, counted. */
export interface DestinationRow {
  readonly name: string;
  readonly accepted: number;
  readonly faulty: number;
  readonly delivered: number;
  readonly duplicated: number;
  readonly deadLettered: number;
  readonly lost: number;
}

/** A duplicate or a dead letter of one delivery. */
export interface Anomaly {
  readonly recordId: string;
  readonly destination: string;
  /** Null: no fault of the run explains it. */
  readonly reason: string | null;
  /** How the requests that the receiver accepted ended, in order. */
  readonly fates: readonly ResponseFate[];
  /** The reason and the last failure of a dead letter. */
  readonly deadLetter?: string;
}

/** A row that does not say what became of its delivery. */
export interface WrongRow {
  readonly recordId: string;
  readonly destination: string;
  /** Null: there is no row. */
  readonly state: string | null;
  /** The states that would be true. */
  readonly expected: readonly string[];
}

/** The result of a run. */
export interface GuaranteeReport {
  readonly rows: readonly DestinationRow[];
  readonly duplicates: readonly Anomaly[];
  readonly deadLetters: readonly Anomaly[];
  /** Acknowledged webhooks that were lost, with the destination that they did not reach. */
  readonly lost: readonly { readonly recordId: string; readonly destination: string }[];
  readonly wrongRows: readonly WrongRow[];
}

/** Checks a run: what was delivered, what was duplicated or given up and why, and what was lost. */
export function checkGuarantees(runData: RunData): GuaranteeReport {
  const { acknowledged, destinations, quarantined } = runData;
  const queued = [...acknowledged].filter(([, status]) => status === 'queued').map(([id]) => id);
  const deadLetters = findDeadLetters(runData);
  const deadLetterKeys = new Set(
    deadLetters.map(({ recordId, destination }) => `${destination} ${recordId}`),
  );
  const lost: { recordId: string; destination: string }[] = [...acknowledged.keys()]
    .filter((id) => acknowledged.get(id) !== 'queued' && !quarantined.has(id))
    .map((recordId) => ({ recordId, destination: 'quarantine' }));
  const duplicates: Anomaly[] = [];
  const wrongRows: WrongRow[] = [];

  const rows = destinations.map((destination): DestinationRow => {
    const accepted = queued.filter((id) => accepts(destination, id));
    const deliveries = accepted.map(
      (id) => [id, runData.trace.getDelivery(id, destination.name)] as const,
    );
    const delivered = new Set(
      deliveries
        .filter(([id, delivery]) => wasDelivered(runData, destination, id, delivery))
        .map(([id]) => id),
    );
    const undelivered = accepted.filter((id) => !delivered.has(id));
    const lostHere = undelivered.filter((id) => !deadLetterKeys.has(`${destination.name} ${id}`));
    lost.push(...lostHere.map((recordId) => ({ recordId, destination: destination.name })));
    for (const [recordId, delivery] of deliveries) {
      const key = `${destination.name} ${recordId}`;
      const expected = [
        ...(delivered.has(recordId) ? ['delivered'] : []),
        ...(deadLetterKeys.has(key) ? ['dead'] : []),
      ];
      const state = runData.rowStates.get(key) ?? null;
      // what is lost has no true state, and the log has said of what could not be written that it was not
      if (expected.length === 0 || expected.includes(state ?? '')) continue;
      if (delivery.failedWrites.size > 0) continue;
      wrongRows.push({ recordId, destination: destination.name, state, expected });
    }
    const ownDuplicates = deliveries.flatMap(([id, delivery]) =>
      findDuplicates(runData, destination, id, delivery),
    );
    duplicates.push(...ownDuplicates);
    return {
      name: destination.name,
      accepted: accepted.length,
      faulty: deliveries.filter(([, delivery]) => delivery.hadFault).length,
      delivered: delivered.size,
      duplicated: new Set(ownDuplicates.map(({ recordId }) => recordId)).size,
      deadLettered: undelivered.length - lostHere.length,
      lost: lostHere.length,
    };
  });
  return { rows, duplicates, deadLetters, lost, wrongRows };
}

/** A request that got no response in time may have been lost on the receiver's side. */
function wasDelivered(
  { consumedCounts }: RunData,
  { name }: ChaosDestination,
  id: string,
  delivery: DeliveryTrace,
): boolean {
  if (name === CONSUMERS_DESTINATION) return consumedCounts.has(id);
  return delivery.received.some(
    ({ fate }) =>
      fate === 'responded' || (fate === 'responded_late' && delivery.isReportedDelivered),
  );
}

function findDuplicates(
  { trace, consumedCounts }: RunData,
  destination: ChaosDestination,
  recordId: string,
  delivery: DeliveryTrace,
): Anomaly[] {
  const fates = delivery.received.map(({ fate }) => fate);
  const toAnomaly = (reason: string | null): Anomaly => {
    return { recordId, destination: destination.name, reason, fates };
  };
  const anomalies = delivery.received
    .slice(0, -1)
    .map((receivedRequest) =>
      toAnomaly(explainDuplicate(receivedRequest, delivery, destination, recordId, trace)),
    );
  // it reached the consumers, and no proxy saw it
  const hasUnseen =
    destination.name === CONSUMERS_DESTINATION &&
    (consumedCounts.get(recordId) ?? 0) > delivery.received.length;
  return hasUnseen ? [...anomalies, toAnomaly(null)] : anomalies;
}

/** A dead letter of a whole record counts for every destination that accepts the record. */
function findDeadLetters(runData: RunData): Anomaly[] {
  return runData.deadLetters.flatMap((deadLetter) => {
    const reason = explainDeadLetter(deadLetter, runData);
    const { recordId, lastFailure } = deadLetter;
    const failure =
      lastFailure === null ? '' : ` ${lastFailure.reason} ${lastFailure.status ?? ''}`;
    const description = `${deadLetter.reason ?? 'moved by SQS'}${failure}`;
    const affected =
      deadLetter.destination === null
        ? runData.destinations
            .filter((destination) => accepts(destination, recordId))
            .map(({ name }) => name)
        : [deadLetter.destination];
    return affected.map((destination) => {
      const { received } = runData.trace.getDelivery(recordId, destination);
      const fates = received.map(({ fate }) => fate);
      return { recordId, destination, reason, fates, deadLetter: description };
    });
  });
}
