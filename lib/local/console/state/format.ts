import type { DeliveryLog } from '../../../telemetry/log-lines.ts';
import type { MockExchange } from '../../emulator/mock-destinations.ts';
import type { TimelineEvent } from '../protocol.ts';
import { MAX_STORED_CHARACTERS } from './request.ts';
import { formatReason, type HttpExchange } from './timeline.ts';

/** The stop at a queue. */
export function toQueueEvent(
  queue: 'records' | 'dead letters',
  text: string,
): Omit<TimelineEvent, 'afterMs'> {
  return { node: queue, text, tone: queue === 'records' ? 'plain' : 'bad' };
}

/** An attempt as a stop on the way. */
export function toDeliveryEvent(entry: DeliveryLog): Omit<TimelineEvent, 'afterMs'> {
  const { destination: node, attempt } = entry;
  const reason = formatReason(entry) ?? '';
  switch (entry.status) {
    case 'delivered':
      return { node, tone: 'good', text: `delivered, attempt ${attempt}, ${entry.ms} ms` };
    case 'duplicate':
      return { node, tone: 'plain', text: 'has it already, not delivered again' };
    case 'in_progress':
    case 'waiting': {
      const next = entry.nextInSeconds === undefined ? '' : `, again in ${entry.nextInSeconds} s`;
      return { node, tone: 'warning', text: `${reason}, attempt ${attempt}${next}` };
    }
    case 'dead':
      return { node, tone: 'bad', text: `dead: ${reason}` };
  }
}

/** A mock destination's exchange, with its request line and headers as they went over the wire. */
export function toHttpExchange({ request, status, headers, ms }: MockExchange): HttpExchange {
  const head = [
    `${request.method} /mock/${request.destination}`,
    ...formatHeaders(request.headers),
  ];
  const response = status === null ? ['no response'] : [String(status), ...formatHeaders(headers)];
  return {
    head: head.join('\n'),
    body: request.body.slice(0, MAX_STORED_CHARACTERS),
    response: { head: response.join('\n'), ms },
  };
}

function formatHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}
