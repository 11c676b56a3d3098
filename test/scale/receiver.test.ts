import { describe, expect, it } from 'vitest';
import { createReceiver, HEALTHY, idealMs, type ReceiverBehaviour } from './receiver.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** The beginning of a minute. */
const START = Date.parse('2026-03-05T09:15:00.000Z');

function aReceiver(changes: Partial<ReceiverBehaviour>) {
  const clock = createVirtualClock(START);
  const receiver = createReceiver(clock, () => 0.5, { ...HEALTHY, ...changes }, 1_000);
  let place = 0;
  /** The statuses of that many requests at the same moment. */
  const send = (count: number): number[] =>
    Array.from({ length: count }, () => {
      const result = receiver.handle(place);
      place += 1;
      return result.kind === 'response' ? result.status : 0;
    });
  return { clock, receiver, send };
}

const goTo = (clock: VirtualClock, afterMs: number): Promise<void> => {
  clock.at(START + afterMs, () => {});
  return clock.run();
};

describe('the model of a receiver', () => {
  it('takes so many requests in each second of its clock, and refuses the others', async () => {
    const { clock, send, receiver } = aReceiver({ perSecond: 2 });
    expect(send(3)).toEqual([200, 200, 429]);
    await goTo(clock, 999);
    expect(send(1)).toEqual([429]);
    await goTo(clock, 1_000);
    expect(send(3)).toEqual([200, 200, 429]);
    expect(receiver.counts).toMatchObject({ requests: 7, accepted: 4, refused: 3 });
  });

  it('takes so many in each minute too, of which refused ones are none', async () => {
    const { clock, send } = aReceiver({ perSecond: 2, perMinute: 3 });
    expect(send(4)).toEqual([200, 200, 429, 429]);
    await goTo(clock, 1_000);
    expect(send(2)).toEqual([200, 429]);
    await goTo(clock, 60_000);
    expect(send(1)).toEqual([200]);
  });

  it.each([
    ['the second', { perSecond: 1 }, 400, '1'],
    ['the minute', { perSecond: 1, perMinute: 1 }, 20_500, '40'],
  ])('says with a Retry-After when %s is over', async (_what, limit, afterMs, expected) => {
    const { clock, receiver } = aReceiver({ ...limit, sendsRetryAfter: true });
    await goTo(clock, afterMs);
    receiver.handle(0);
    expect(receiver.handle(1)).toMatchObject({ status: 429, headers: { 'retry-after': expected } });
  });

  it('responds as it is told while it is down, and then as always', async () => {
    const downResponse = { status: 503, retryAfterSeconds: 60 };
    const { clock, receiver, send } = aReceiver({ downUntilMs: START + 1_000, downResponse });
    expect(receiver.handle(0)).toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
    await goTo(clock, 1_000);
    expect(send(1)).toEqual([200]);
    expect(receiver.counts).toMatchObject({ failed: 1, accepted: 1 });
  });

  it('notices a record that it gets again, and remembers when it got it first', async () => {
    const { clock, receiver } = aReceiver({});
    receiver.handle(7);
    await goTo(clock, 5_000);
    receiver.handle(7);
    expect(receiver.counts).toMatchObject({ accepted: 1, repeated: 1 });
    expect(receiver.acceptedAtMs[7]).toBe(START);
  });

  it('takes 700 a minute at best when that is less than its limit per second', () => {
    expect(idealMs({ perSecond: 75, perMinute: 700 }, 700)).toBeCloseTo(60_000);
    expect(idealMs({ perSecond: 10, perMinute: 700 }, 700)).toBeCloseTo(70_000);
  });
});
