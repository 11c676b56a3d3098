import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StartedProject, startProject } from './support/started-project.ts';

const MANY_SECONDS = 120_000;

let project: StartedProject;
beforeAll(async () => {
  project = await startProject();
}, MANY_SECONDS);
afterAll(() => project.stop(), MANY_SECONDS);

/** Waits until npm start has printed a line. */
async function loggedUntil(line: RegExp): Promise<void> {
  await expect.poll(() => project.log(), { timeout: 30_000 }).toMatch(line);
}

describe('npx sls relay deliveries', () => {
  it(
    'shows for a customer what was delivered, what waits and when its next attempt is',
    async () => {
      await project.respond('http', '500');
      await project.send('code-amount-discount');
      await loggedUntil(/whs_amt2Xc85nW -> http waiting/);
      await loggedUntil(/whs_amt2Xc85nW -> consumers delivered/);
      const { stdout: shown } = await project.relay(['deliveries', '--customer'], ' shop-20871\n');

      const [headings, , first, second, ...more] = shown.trimEnd().split('\n');
      expect(headings).toMatch(
        /^WEBHOOK +EVENT +RECEIVED +DESTINATION +STATE +AT +ATTEMPTS +LAST REASON +NEXT ATTEMPT$/,
      );
      expect(first).toMatch(
        /^whs_amt2Xc85nW +voucherify\S+ +\S+ \S+Z +consumers +delivered +\S+ \S+Z +1$/,
      );
      expect(second).toMatch(/^ +http +waiting +\S+ \S+Z +\d +http_status 500 +\S+ \S+Z$/);
      expect(more).toEqual([]);
      expect(shown).not.toContain('shop-20871');
    },
    MANY_SECONDS,
  );

  it(
    'shows the same by code, by webhook and by destination, and as JSON',
    async () => {
      const [byCode, byRecord, byDestination] = await Promise.all([
        project.relay(['deliveries', '--code', '--json'], 'HARBOUR-AMT2XC85\n'),
        project.relay(['deliveries', '--record', 'whs_amt2Xc85nW', '--json']),
        project.relay(['deliveries', '--destination', 'http', '--json']),
      ]);
      const read = ({ stdout }: { stdout: string }): string[] =>
        (
          JSON.parse(stdout) as { deliveries: { webhookId: string; destination: string }[] }
        ).deliveries
          .map(({ webhookId, destination }) => `${webhookId} ${destination}`)
          .toSorted();
      const both = ['whs_amt2Xc85nW consumers', 'whs_amt2Xc85nW http'];
      expect(read(byCode)).toEqual(both);
      expect(read(byRecord)).toEqual(both);
      expect(read(byDestination)).toEqual([both[1]]);
      expect(byCode.stdout).not.toContain('HARBOUR');
    },
    MANY_SECONDS,
  );

  it(
    'ends with the exit code 1 and says what is wrong',
    async () => {
      const { code, stdout } = await project.relay(['deliveries', '--destination', 'htp']);
      expect(code).toBe(1);
      expect(stdout).toContain('did you mean http?');
    },
    MANY_SECONDS,
  );
});

describe('npx sls relay', () => {
  it(
    'shows the status of the stage, and checks it',
    async () => {
      const [status, check] = await Promise.all([
        project.relay(['status']),
        project.relay(['check']),
      ]);
      expect(status.stdout).toMatch(/^http +\d+ +\d+ +\d+ \w+ +\? +\? +active$/m);
      expect(check.stdout).toMatch(/^test_webhook +ok/m);
    },
    MANY_SECONDS,
  );

  it(
    'pauses and resumes a destination of npm start, as in a deployed stage',
    async () => {
      const paused = await project.relay(['pause', '--destination', 'http']);
      const resumed = await project.relay(['resume', '--destination', 'http']);
      expect([paused.code, resumed.code]).toEqual([0, 0]);
      expect(paused.stdout).toContain('http is paused.');
      expect(resumed.stdout).toContain('http is resumed.');
    },
    MANY_SECONDS,
  );

  it(
    'replays a dead letter',
    async () => {
      await project.respond('http', '400');
      await project.send('code-percent-discount');
      const record = 'whs_pct7Kd93mQ';
      await loggedUntil(/delivery whs_pct7Kd93mQ -> http dead/);
      await project.respond('http', 'ok');
      const what = ['--from', 'dead-letters', '--destination', 'http', '--record', record];
      const replayed = await project.relay(['replay', ...what]);
      expect(replayed.code).toBe(0);
      expect(replayed.stdout).toMatch(/1 +replayed +http +rejected +http_status 400/);
      await loggedUntil(/delivery whs_pct7Kd93mQ -> http delivered/);
    },
    MANY_SECONDS,
  );

  it(
    'releases a delivery, which the same webhook then makes once more, there only',
    async () => {
      const record = 'whs_pct7Kd93mQ';
      const released = await project.relay([
        'release',
        '--record',
        record,
        '--destination',
        'http',
      ]);
      expect(released.stdout).toMatch(/whs_pct7Kd93mQ .* released /);
      await project.send('code-percent-discount');
      await loggedUntil(/delivery whs_pct7Kd93mQ -> consumers duplicate/);
      await loggedUntil(/delivery whs_pct7Kd93mQ -> http delivered again, released/);
    },
    MANY_SECONDS,
  );

  it(
    'erases a person, of whom nothing is found then',
    async () => {
      const code = 'HARBOUR-AMT2XC85\n';
      const looked = await project.relay(['erase', '--code', '--dry-run', '--json'], code);
      const { count, deliveries } = JSON.parse(looked.stdout) as {
        count: number;
        deliveries: { [state: string]: number };
      };
      // that to http waits, is dead or was delivered by now
      expect(Object.values(deliveries).reduce((total, each) => total + each)).toBe(2);
      const erased = await project.relay(['erase', '--code', '--confirm', String(count)], code);
      expect(erased.code).toBe(0);
      const found = await project.relay(['deliveries', '--customer'], 'shop-20871\n');
      expect(found.stdout).toContain('No webhook of this customer is known.');
    },
    MANY_SECONDS,
  );

  it('prints nothing personal and no code in the log of npm start', () => {
    expect(project.log()).toContain('whs_amt2Xc85nW');
    // the last printed is the command by which a sample can be posted
    const log = project.log().replace(/^curl .*$/m, '');
    expect(log).not.toMatch(/HARBOUR-|shop-20871|@harbour/);
  });
});
