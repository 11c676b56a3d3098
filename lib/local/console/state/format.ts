import type { DeliveryEntry } from '../../../telemetry/telemetry.ts';
import type { SinkAnswer } from '../../emulator/mock-destinations.ts';
import type { Stop } from '../protocol.ts';
import { KEPT_CHARACTERS } from './request.ts';
import type { Wire } from './timeline.ts';

/** The stop at a queue. */
export function queueStop(queue: 'records' | 'dead letters', text: string): Omit<Stop, 'afterMs'> {
  return { station: queue, text, tone: queue === 'records' ? 'plain' : 'bad' };
}

/** An attempt as a stop on the way. */
export function deliveryStop(entry: DeliveryEntry): Omit<Stop, 'afterMs'> {
  const { destination: station, attempt, reason = '' } = entry;
  switch (entry.outcome) {
    case 'delivered':
      return { station, tone: 'good', text: `delivered, attempt ${attempt}, ${entry.ms} ms` };
    case 'duplicate':
      return { station, tone: 'plain', text: 'has it already, not delivered again' };
    case 'retry': {
      const next = entry.nextInSeconds === undefined ? '' : `, again in ${entry.nextInSeconds} s`;
      return { station, tone: 'warning', text: `${reason}, attempt ${attempt}${next}` };
    }
    case 'rejected':
    case 'dead':
      return { station, tone: 'bad', text: `${entry.outcome}: ${reason}` };
  }
}

/** A sink's exchange, with its request line and headers as they went over the wire. */
export function exchangeOf({ request, status, headers, ms }: SinkAnswer): Wire {
  const head = [`${request.method} /sink/${request.sink}`, ...headerLines(request.headers)];
  const answer = status === null ? ['no answer'] : [String(status), ...headerLines(headers)];
  return {
    head: head.join('\n'),
    body: request.body.slice(0, KEPT_CHARACTERS),
    answer: { head: answer.join('\n'), ms },
  };
}

function headerLines(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}
