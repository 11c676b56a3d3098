import { once } from 'node:events';
import { access, appendFile, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyProject, type ProjectCopy, collectResult, SLS } from '../support/project-copy.ts';

const START = 'lib/local/start.ts';
const SEND = 'lib/local/cli/send.ts';
const EVENT = 'lib/local/cli/event.ts';
const MANY_SECONDS = 120_000;

let project: ProjectCopy;

beforeAll(async () => {
  project = await copyProject();
});

afterAll(async () => {
  await project.remove();
});

/** Receives messages as a program of the merchant does: it knows what npm start printed. */
async function readMessages(queueUrl: string): Promise<(string | undefined)[]> {
  const client = new SQSClient({
    endpoint: new URL(queueUrl).origin,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  client.destroy();
  return Messages.map(({ Body }) => Body);
}

describe('npm start', () => {
  test(
    'starts, processes what is sent and invoked, prints every step, and stops cleanly',
    async () => {
      const child = project.start(START, '--port', '0');
      const ended = collectResult(child);
      let shown = '';
      child.stdout?.on('data', (chunk) => (shown += String(chunk)));
      const soon = { timeout: 30_000 };
      await expect
        .poll(() => shown, soon)
        .toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\/webhooks\/voucherify/m);
      await expect
        .poll(() => shown, soon)
        .toMatch(
          /^curl -sS http:\/\/127\.0\.0\.1:\d+\/webhooks\/voucherify .*x-voucherify-signature/m,
        );

      const sent = await project.run(SEND, 'events/promotion.json');
      expect(sent).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('202 Accepted') as string,
      });
      await expect.poll(() => shown, soon).toMatch(/delivery whs_\S+ -> http delivered 200/);
      await project.run(SEND, 'events/promotion.json');
      await expect.poll(() => shown, soon).toMatch(/duplicate, not delivered again/);
      const renewed = await project.run(SEND, 'events/promotion.json', '--new-id');
      const { id } = JSON.parse(renewed.stdout.split('\n')[1] ?? '') as { id: string };
      await expect.poll(() => shown, soon).toContain(`delivery ${id} -> consumers delivered`);

      const invoked = await project.run(
        SLS,
        'invoke',
        'local',
        '-f',
        'receive',
        '-p',
        'events/code-gift-card.json',
      );
      expect(invoked.stdout).toContain('The running npm start processes the result');
      await expect.poll(() => shown, soon).toMatch(/delivery whs_gft\S+ -> http delivered/);

      expect(shown).toMatch(/^sqs http:\/\/127\.0\.0\.1:\d+ {2}\(region eu-west-1/m);
      const consumersUrl = /^consumers (\S+\/000000000000\/\S+-consumers) /m.exec(shown)?.[1] ?? '';
      expect(await readMessages(consumersUrl)).toEqual([]);

      const destination = join(project.folder, 'functions/destinations.ts');
      const declaration = await readFile(destination, 'utf8');
      await writeFile(
        destination,
        declaration.replace("name: 'http',", "name: 'http',\n  limit: { perSecond: 5 },"),
      );
      await expect
        .poll(() => shown, soon)
        .toContain('what functions/destinations.ts declares has changed since the start');
      await writeFile(destination, declaration);

      const configuration = join(project.folder, 'serverless.yml');
      await appendFile(configuration, '# changed\n');
      await expect.poll(() => shown, soon).toContain('serverless.yml has changed since the start');

      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 0, stderr: '' });
      await expect(access(join(project.folder, '.local/running.json'))).rejects.toThrow('ENOENT');
    },
    MANY_SECONDS,
  );

  test(
    'leaves the records on [consumers] to a program of the merchant, when asked',
    async () => {
      const child = project.start(START, '--port', '0', '--keep-consumers');
      let shown = '';
      child.stdout?.on('data', (chunk) => (shown += String(chunk)));
      const soon = { timeout: 30_000 };
      await expect
        .poll(() => shown, soon)
        .toMatch(/^consumers \S+ {2}\(kept for your own program\)/m);
      const consumersUrl = /^consumers (\S+) /m.exec(shown)?.[1] ?? '';
      await project.run(SEND, 'events/promotion.json');
      await expect.poll(() => shown, soon).toMatch(/delivery whs_\S+ -> consumers delivered/);
      const [body = '{}'] = await readMessages(consumersUrl);
      expect(JSON.parse(body)).toMatchObject({ data: { purpose: 'promotion' } });
      child.kill('SIGTERM');
      await once(child, 'close');
    },
    MANY_SECONDS,
  );

  test('prints one line when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const { code, stderr } = await project.run(START, '--port', port);
    other.close();
    expect([code, stderr]).toEqual([
      1,
      `Port ${port} is in use. Choose another port with --port.\n`,
    ]);
  });
});

describe('npm run event', () => {
  test('writes a signed event for a body, and does not overwrite it', async () => {
    await writeFile(join(project.folder, 'autumn.json'), '{"id":"whs_autumn"}');
    const written = await project.run(EVENT, 'autumn.json');
    expect(written).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('events/autumn.json') as string,
    });
    const event: unknown = JSON.parse(
      await readFile(join(project.folder, 'events/autumn.json'), 'utf8'),
    );
    expect(event).toMatchObject({
      body: '{"id":"whs_autumn"}',
      routeKey: 'POST /webhooks/voucherify',
    });

    const again = await project.run(EVENT, 'autumn.json');
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already exists') as string,
    });
    const named = await project.run(EVENT, 'autumn.json', '--name', 'late-autumn');
    expect(named.code).toBe(0);
  });
});

describe('a command with wrong arguments exits with code 2 and prints the usage', () => {
  test.each([
    [START, ['--port', 'abc'], '--port abc is not a port'],
    [SEND, ['a.json', 'b.json'], 'Give one file'],
    [SEND, ['a.json', '--url', 'nowhere'], 'nowhere is not a URL'],
    [EVENT, ['a.json', '--name', '../a'], '../a is not a valid name'],
  ])('%s %j', async (tool, options, message) => {
    const { code, stderr } = await project.run(tool, ...options);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});

test('npm run send reports that there is no response', async () => {
  const { code, stderr } = await project.run(
    SEND,
    'events/promotion.json',
    '--url',
    'http://127.0.0.1:9/',
  );
  expect(code).toBe(1);
  expect(stderr).toBe('No response from http://127.0.0.1:9/. Is npm start running?\n');
});
