import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StartedProject, startProject } from './support/started-project.ts';

const MANY_SECONDS = 120_000;

let project: StartedProject;
beforeAll(async () => {
  project = await startProject();
}, MANY_SECONDS);
afterAll(() => project.stop(), MANY_SECONDS);

/** Runs a command until what it prints has a text: rows are written while it runs. */
async function relayUntil(
  pattern: RegExp,
  options: readonly string[],
  input = '',
): Promise<string> {
  let stdout = '';
  await expect
    .poll(async () => ({ stdout } = await project.relay(options, input)).stdout, {
      timeout: 30_000,
      interval: 200,
    })
    .toMatch(pattern);
  return stdout;
}

describe('npx sls relay deliveries', () => {
  it(
    'shows for a customer what was delivered, what waits and when its next attempt is',
    async () => {
      await project.respond('http', '500');
      await project.send('code-amount-discount');
      const shown = await relayUntil(
        /http +waiting/,
        ['deliveries', '--customer'],
        ' shop-20871\n',
      );

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

describe('npx sls relay pause and resume', () => {
  it(
    'pause the destination of npm start, as in a deployed stage',
    async () => {
      const paused = await project.relay(['pause', '--destination', 'http']);
      const resumed = await project.relay(['resume', '--destination', 'http']);
      expect([paused.code, resumed.code]).toEqual([0, 0]);
      expect(paused.stdout).toContain('http is paused.');
      expect(resumed.stdout).toContain('http is resumed.');
    },
    MANY_SECONDS,
  );
});
