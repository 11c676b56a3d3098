import { execFileSync } from 'node:child_process';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenConsole, openConsole, sendSample } from './support/open-console.ts';

const SOON = { timeout: 10_000 };

let relayConsole: OpenConsole;
let page: Page;
beforeAll(async () => {
  relayConsole = await openConsole();
  page = await relayConsole.page();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await sendSample(page, 'code-percent-discount');
  await newestRow().locator('.delivery.delivered').first().waitFor();
  await newestRow().click();
  await page.getByRole('article').waitFor();
});
afterAll(async () => {
  await relayConsole.close();
});

const newestRow = (): Locator => page.locator('.row').first();
const readToast = async (): Promise<string> =>
  (await page.locator('output').innerText()).replace(/\s*×$/, '');

/** Presses a button that copies, waits for its confirmation, and returns what is in the clipboard. */
async function copy(button: string, confirmation: string): Promise<string> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await expect.poll(readToast, SOON).toBe(`Copied: ${confirmation}`);
  return String(await page.evaluate('navigator.clipboard.readText()'));
}

test('copies the id of the record', async () => {
  const id = await newestRow().locator('.row-record').innerText();
  expect(await copy('Copy id', `the id ${id}`)).toBe(id);
});

test('copies the body and the record masked, until values are unmasked', async () => {
  const masked = [
    await copy('Copy the body', 'the body, masked'),
    await copy('Copy the record', 'the record, masked'),
  ];
  for (const text of masked) {
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(text).not.toMatch(/HARBOUR-PCT|Lindqvist|@example/);
  }
  await page.getByRole('button', { name: 'Unmask values' }).click();
  expect(await copy('Copy the body', 'the body')).toContain('HARBOUR-PCT7KD93');
  const record = JSON.parse(await copy('Copy the record', 'the record')) as {
    id: string;
    data: { customer: { email: string } };
  };
  expect(record.data.customer.email).toContain('@example.com');
  expect(record.id).toBe(await newestRow().locator('.row-record').innerText());
  await page.getByRole('button', { name: 'Mask values', exact: true }).click();
});

test('copies a curl command that posts the same webhook, which is then a repetition', async () => {
  const command = await copy(
    'Copy as curl',
    'a curl command for this machine, with the body as it came, unmasked',
  );
  // a shell splits it as it would for curl
  const words = execFileSync('sh', ['-c', command.replace('curl', String.raw`printf "%s\0"`)], {
    encoding: 'utf8',
  }).split('\0');
  expect(words[1]).toBe(`${relayConsole.address}/webhooks/voucherify`);
  const headers = words.filter((_word, index) => words[index - 1] === '-H');
  const response = await fetch(words[1] ?? '', {
    method: 'POST',
    headers: headers.map((header) => header.split(': ') as [string, string]),
    body: words[words.indexOf('--data-binary') + 1] ?? '',
  });
  expect(response.status).toBe(202);
  await newestRow().locator('.tag', { hasText: 'duplicate' }).waitFor();
});

test('copies the address of the endpoint, and the command that sends the chosen sample to it', async () => {
  const address = `${relayConsole.address}/webhooks/voucherify`;
  await page.getByRole('banner').getByText(address).waitFor();
  const copied = 'the address of the endpoint';
  expect(await copy('Copy the address of the endpoint', copied)).toBe(address);
  await page.getByRole('tab', { name: 'Send' }).click();
  await page.getByLabel('Sample from events/').selectOption('code-gift-card');
  const command = await copy(
    'Copy the command that sends this sample',
    'the command that sends this sample',
  );
  expect(command).toBe('npm run send -- events/code-gift-card.json');
  const [, , , , file = ''] = command.split(' ');
  const sent = await relayConsole.project.run('lib/local/cli/send.ts', file);
  expect(sent.stdout).toContain('202');
  await newestRow().getByText('whs_gft').waitFor();
  await page.getByRole('tab', { name: 'Webhook' }).click();
});

test('says why it copies nothing', async () => {
  await sendSample(page, 'missing-signature');
  await newestRow().click();
  await page.getByText('the response was 401').waitFor();
  expect(await page.getByRole('button', { name: 'Copy the record' }).count()).toBe(0);
  const command = await copy(
    'Copy as curl',
    'a curl command for this machine, with the body as it came, unmasked',
  );
  expect(command).not.toContain('x-voucherify-signature');
  await page.evaluate(
    'navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"))',
  );
  await page.getByRole('button', { name: 'Copy id', exact: true }).click();
  await expect.poll(readToast, SOON).toBe('Not copied. not allowed');
});
