import { describe, expect, it } from 'vitest';
import { checkStage } from '../../lib/command-line/check.ts';
import { showStatus } from '../../lib/command-line/status.ts';
import { createRecordingContext } from './support/recording-context.ts';

const QUEUE = { waiting: 3, inFlight: 0, delayed: 1, oldestSeconds: 7_200 };
const DESTINATION = {
  ...QUEUE,
  name: 'klaviyo',
  id: 'mail',
  isPaused: true,
  pausedSince: '2026-03-05T10:00:00.000Z',
  pauseReason: 'maintenance',
  isCircuitOpen: true,
  delivered: 1_204,
  dead: 2,
};
const STATUS = {
  command: 'status',
  at: '2026-03-05T12:00:00.000Z',
  queues: [{ queue: 'records', ...QUEUE }],
  destinations: [DESTINATION],
  alarms: [
    {
      name: 'voucher-relay-prod-klaviyo-failing',
      since: '2026-03-05T11:00:00.000Z',
      reason: 'Most attempts fail.',
    },
  ],
  unread: [],
};

describe('status', () => {
  it('shows queues, destinations and alarms on one screen', async () => {
    const { context, printed, requests } = createRecordingContext({ call: async () => STATUS });
    await showStatus(context);
    const screen = printed.join('\n');
    expect(requests).toEqual([
      {
        command: 'status',
        destinations: [
          { name: 'klaviyo', id: 'mail' },
          { name: 'crm', id: 'crm' },
        ],
      },
    ]);
    expect(screen).toMatch(/^Stage prod in eu-west-1, 2026-03-05 12:00:00Z/);
    expect(screen).toMatch(/^records +4 +0 +2 h$/m);
    expect(screen).toMatch(
      /^klaviyo +4 +0 +2 h +1,204 +2 +paused since 2026-03-05 10:00:00Z \(maintenance\), circuit open/m,
    );
    expect(screen).toMatch(
      /^voucher-relay-prod-klaviyo-failing +2026-03-05 11:00:00Z +Most attempts fail\.$/m,
    );
    expect(screen.split('\n').length).toBeLessThan(24);
  });

  it('shows what it knows when a part cannot be read, and says how to fix that', async () => {
    const { context, printed } = createRecordingContext({
      call: async () => ({
        ...STATUS,
        queues: [{ queue: 'records' }],
        destinations: [{ name: 'klaviyo' }],
        alarms: null,
        unread: [
          { part: 'queue', queues: ['records'], reason: 'failed', error: 'QueueDoesNotExist' },
          {
            part: 'alarms',
            queues: [],
            reason: 'denied',
            error: 'AccessDenied',
            permission: 'cloudwatch:DescribeAlarms',
          },
          { part: 'metrics', queues: [], reason: 'local' },
        ],
      }),
    });
    await showStatus(context);
    const screen = printed.join('\n');
    expect(screen).toMatch(/^records +\? +\?$/m);
    expect(screen).toContain('Alarms: not known.');
    expect(screen).toContain('Not known: queue records. It could not be read: QueueDoesNotExist.');
    expect(screen).toContain('lacks the permission cloudwatch:DescribeAlarms');
    expect(screen).toContain('The stage local has no metrics.');
  });
});

const aCheck = (check: string, result: string, more: object = {}) => ({
  check,
  destination: null,
  result,
  reason: null,
  detail: null,
  fix: null,
  ...more,
});

describe('check', () => {
  it('asks again until every check is decided, and shows all of them', async () => {
    const reports = [
      { checks: [aCheck('endpoint', 'ok')], continuation: { id: 'whs_1' } },
      { checks: [aCheck('destination', 'ok', { destination: 'klaviyo' })], continuation: null },
    ];
    const { context, printed, requests } = createRecordingContext({
      call: async () => reports.shift(),
    });
    await checkStage(context);
    expect(requests[0]).toMatchObject({
      destinations: [{ name: 'klaviyo', takesTests: true }, { takesTests: false }],
    });
    expect(requests[1]).toMatchObject({ continuation: { id: 'whs_1' } });
    expect(printed.join('\n')).toMatch(/endpoint +ok[^]*destination klaviyo +ok/);
  });

  it('fails when a check failed, and says how to fix it', async () => {
    const { context, printed } = createRecordingContext({
      call: async () => ({
        checks: [
          aCheck('alarm_recipient', 'failed', {
            reason: 'pending_confirmation',
            detail: '0 confirmed, 1 not confirmed',
            fix: 'Open the link',
          }),
          aCheck('endpoint', 'ok'),
        ],
        continuation: null,
      }),
    });
    await expect(checkStage(context)).rejects.toThrow('1 of 2 checks failed.');
    expect(printed.join('\n')).toMatch(
      /alarm_recipient +FAILED +pending_confirmation +0 confirmed, 1 not confirmed[^]*pending_confirmation: Open the link\./,
    );
  });
});
