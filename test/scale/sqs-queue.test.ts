import { describe, expect, it } from 'vitest';
import { ASSUMPTIONS } from './assumptions.ts';
import { createSqsQueue, readBody, type Received } from './sqs-queue.ts';
import { createVirtualClock } from './virtual-clock.ts';

const START = Date.parse('2026-03-05T09:15:04.000Z');
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

function aQueue(maxReceiveCount = 1_000) {
  const clock = createVirtualClock(START);
  const redriven: string[] = [];
  const attributes = { name: 'to-crm', visibilitySeconds: 360, maxReceiveCount };
  const queue = createSqsQueue(clock, attributes, (body) => redriven.push(body));
  return { clock, queue, redriven };
}

const bodies = (received: readonly Received[]): string[] =>
  received.map(({ message }) => readBody(message));

describe('the model of a queue', () => {
  it('returns the oldest messages first, ten at most', () => {
    const { queue } = aQueue();
    for (let n = 0; n < 12; n += 1) queue.send(String(n));
    expect(bodies(queue.receive(100))).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(bodies(queue.receive(10))).toEqual(['10', '11']);
    expect(queue.hasVisible()).toBe(false);
  });

  it('makes the bodies of messages that are sent together when they are received', () => {
    const { queue } = aQueue();
    queue.send('before');
    queue.sendMany({ count: 1_000_000, body: (place) => `number ${place}` });
    queue.send('after');
    expect(bodies(queue.receive(3))).toEqual(['before', 'number 0', 'number 1']);
    expect(queue.size()).toBe(1_000_002);
  });

  it('hides a message that is received until its visibility timeout, and counts its receives', async () => {
    const { clock, queue } = aQueue();
    queue.send('one');
    expect(queue.receive(10)[0]?.message.receives).toBe(1);
    expect(queue.receive(10)).toEqual([]);
    clock.at(START + 359 * SECOND_MS, () => expect(queue.hasVisible()).toBe(false));
    await clock.run();
    expect(clock.nowMs()).toBe(START + 360 * SECOND_MS);
    expect(queue.receive(10)[0]?.message.receives).toBe(2);
  });

  it('returns a message that came back before newer ones', async () => {
    const { clock, queue } = aQueue();
    queue.send('old');
    queue.receive(1);
    queue.send('new');
    await clock.run();
    expect(bodies(queue.receive(2))).toEqual(['old', 'new']);
  });

  it('hides a message for as long as it is told', async () => {
    const { clock, queue } = aQueue();
    queue.send('one');
    const [received] = queue.receive(1);
    queue.changeVisibility(received?.receiptHandle ?? '', 900);
    await clock.run(() => queue.hasVisible());
    expect(clock.nowMs()).toBe(START + 900 * SECOND_MS);
  });

  it('hides no message longer than twelve hours from its receipt', async () => {
    const { clock, queue } = aQueue();
    queue.send('one');
    const [received] = queue.receive(1);
    const receipt = received?.receiptHandle ?? '';
    expect(() => queue.changeVisibility(receipt, 43_201)).toThrow('InvalidParameterValue');
    queue.changeVisibility(receipt, 43_200);
    await clock.run(() => clock.nowMs() >= START + 11 * HOUR_MS);
    expect(queue.hasVisible()).toBe(true);
  });

  it('counts those twelve hours from the receipt, not from the last change', async () => {
    const { clock, queue } = aQueue();
    queue.send('one');
    const receipt = queue.receive(1)[0]?.receiptHandle ?? '';
    queue.changeVisibility(receipt, 43_200);
    const hour = clock.at(START + HOUR_MS, () => {});
    await clock.run(() => hour.run === null);
    expect(() => queue.changeVisibility(receipt, 11 * 3_600 + 1)).toThrow('InvalidParameterValue');
    queue.changeVisibility(receipt, 11 * 3_600);
    await clock.run();
    expect(clock.nowMs()).toBe(START + 12 * HOUR_MS);
  });

  it('accepts the receipt of the last receive only, and only while the message is hidden', async () => {
    const { clock, queue } = aQueue();
    queue.send('one');
    const first = queue.receive(1)[0]?.receiptHandle ?? '';
    await clock.run();
    expect(() => queue.changeVisibility(first, 10)).toThrow('MessageNotInflight');
    const second = queue.receive(1)[0]?.receiptHandle ?? '';
    expect(queue.delete(first)).toBe(false);
    expect(queue.delete(second)).toBe(true);
    await clock.run();
    expect(queue.size()).toBe(0);
    expect(queue.hasVisible()).toBe(false);
  });

  it('moves a message away that was received too often', async () => {
    const { clock, queue, redriven } = aQueue(2);
    queue.send('one');
    for (let n = 0; n < 2; n += 1) {
      expect(queue.receive(1)).toHaveLength(1);
      await clock.run();
    }
    expect(queue.receive(1)).toEqual([]);
    expect(redriven).toEqual(['one']);
    expect(queue.size()).toBe(0);
  });

  it('keeps a message fourteen days, however often it is hidden', async () => {
    const { clock, queue } = aQueue();
    queue.send('one');
    clock.at(START + 14 * 24 * HOUR_MS + 1, () => {});
    await clock.run();
    expect(queue.receive(1)).toEqual([]);
    expect(queue.counts.expired).toBe(1);
  });

  it('has no more than 120,000 messages in flight', () => {
    const { queue } = aQueue();
    queue.sendMany({ count: 120_010, body: String });
    let received = 0;
    for (let batch = queue.receive(10); batch.length > 0; batch = queue.receive(10)) {
      received += batch.length;
    }
    expect(received).toBe(ASSUMPTIONS.inFlightLimit.value);
    expect(queue.counts.overLimit).toBe(1);
    expect(queue.hasVisible()).toBe(true);
  });

  it('does not show a message before its delay is over', async () => {
    const { clock, queue } = aQueue();
    queue.send('one', 30);
    expect(queue.hasVisible()).toBe(false);
    await clock.run(() => queue.hasVisible());
    expect(clock.nowMs()).toBe(START + 30 * SECOND_MS);
  });

  it('calls who waits for a message, once', async () => {
    const { queue } = aQueue();
    let calls = 0;
    queue.onceVisible(() => (calls += 1));
    queue.send('one');
    queue.send('two');
    expect(calls).toBe(1);
  });
});
