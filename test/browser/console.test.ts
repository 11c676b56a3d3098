import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  readCount,
  setResponse,
  type OpenConsole,
  openConsole,
  sendSample,
} from './support/open-console.ts';

const POLL_OPTIONS = { timeout: 20_000 };

let relayConsole: OpenConsole;
let page: Page;
beforeAll(async () => {
  relayConsole = await openConsole();
});
afterAll(async () => {
  await relayConsole.close();
});
beforeEach(async () => {
  page = await relayConsole.page();
});
afterEach(async () => {
  await setResponse(page, 'http', 'responds 200');
  await page.close();
});

const newestRow = (): Locator => page.locator('.row').first();
const deliveryAt = (destination: string): Locator =>
  newestRow().locator('.delivery', { hasText: destination });
const flowNode = (name: string): Locator => page.getByRole('group', { name, exact: true });
const countAt = (name: string): Promise<number> => readCount(page, name);
const readText = (locator: Locator): Promise<string> => locator.innerText();

test('a sample that is sent arrives at every destination, without a reload', async () => {
  const before = await countAt('Destination consumers');
  await sendSample(page, 'code-gift-card');
  await deliveryAt('consumers').and(page.locator('.delivered')).waitFor();
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await expect.poll(() => countAt('Destination consumers'), POLL_OPTIONS).toBe(before + 1);
  expect(await readText(newestRow())).toContain('202 queued');
});

test('its way is followed through the picture, from the endpoint to the destinations', async () => {
  await sendSample(page, 'promotion');
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await newestRow().click();
  for (const name of ['Endpoint', 'Records', 'fanOut', 'Destination http']) {
    await expect
      .poll(() => flowNode(name).getAttribute('class'), POLL_OPTIONS)
      .toContain('on-route');
    expect(await readText(flowNode(name))).toMatch(/\+[\d.]+ m?s/);
  }
  expect(await flowNode('Dead letters').getAttribute('class')).not.toContain('on-route');
});

test('the webhook that is open shows body, signature, record, rest, and each attempt', async () => {
  await sendSample(page, 'indented-body', { fresh: false });
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await newestRow().click();
  const article = page.getByRole('article');
  await article.getByText('matches the body without its white space').waitFor();
  await article.getByRole('region', { name: 'The body, line by line' }).waitFor();
  expect(await readText(article.getByRole('region', { name: 'The record' }))).toContain(
    '"purpose"',
  );
  expect(await readText(article.getByRole('region', { name: 'Unmapped fields' }))).toContain('{');
  expect(await article.locator('.unmapped-tag').count()).toBeGreaterThan(0);

  await article.locator('summary', { hasText: 'http' }).click();
  const request = article.getByRole('region', { name: 'Request headers' }).last();
  expect(await readText(request)).toContain('POST /mock/http');
  expect(
    await readText(article.getByRole('region', { name: 'Response headers' }).last()),
  ).toContain('200');
  await article.getByRole('button', { name: 'Raw' }).click();
  expect(await readText(article.getByRole('region', { name: 'Raw body' }))).toMatch(/^\{\s/);
});

test('a destination that breaks is tried again, and recovers when it comes back', async () => {
  await setResponse(page, 'http', 'responds 500');
  await sendSample(page, 'code-percent-discount');
  await deliveryAt('http').and(page.locator('.waiting')).waitFor();
  expect(await readText(deliveryAt('http'))).toMatch(/in \d+ s|now/);
  await deliveryAt('consumers').and(page.locator('.delivered')).waitFor();
  expect(await countAt('Retries')).toBe(1);

  await setResponse(page, 'http', 'responds 200');
  await page.getByLabel('Retries wait').selectOption({ label: '10 × faster' });
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await expect.poll(() => countAt('Retries'), POLL_OPTIONS).toBe(0);
  await newestRow().click();
  const attempts = page.getByRole('region', { name: 'Deliveries' });
  await attempts.getByText('http_500').waitFor();
  await attempts.getByText('attempt 2').waitFor();
  await page.getByLabel('Retries wait').selectOption({ label: 'real time' });
});

test('a 429 waits as long as the destination asks, and no longer with a faster time', async () => {
  await setResponse(page, 'http', '429, after 20 s');
  await sendSample(page, 'promotion');
  await deliveryAt('http').and(page.locator('.waiting')).waitFor();
  expect(await readText(deliveryAt('http'))).toMatch(/in (?:1\d|2\d) s/);
  await setResponse(page, 'http', 'responds 200');
  await page.getByLabel('Retries wait').selectOption({ label: '60 × faster' });
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await page.getByLabel('Retries wait').selectOption({ label: 'real time' });
});

test('a destination that hangs is shown as it is asked, and then as it waits', async () => {
  await setResponse(page, 'http', 'hangs');
  await sendSample(page, 'promotion');
  await deliveryAt('http').and(page.locator('.sending')).waitFor();
  await deliveryAt('http').and(page.locator('.waiting')).waitFor();
  await newestRow().click();
  const attempts = page.getByRole('region', { name: 'Deliveries' });
  await attempts.locator('summary', { hasText: 'timeout' }).click();
  const response = attempts.getByRole('region', { name: 'Response headers' }).last();
  expect(await readText(response)).toContain('no response');
});

test('dead letters are put back, and delivered', async () => {
  await setResponse(page, 'http', 'responds 400');
  await sendSample(page, 'code-amount-discount');
  await deliveryAt('http').and(page.locator('.rejected')).waitFor();
  await expect.poll(() => countAt('Dead letters'), POLL_OPTIONS).toBe(1);
  await setResponse(page, 'http', 'responds 200');
  await flowNode('Dead letters').getByRole('button', { name: 'Replay' }).click();
  await page.getByText('From dead-letters: 1 replayed').waitFor();
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await expect.poll(() => countAt('Dead letters'), POLL_OPTIONS).toBe(0);
});

test('what is not understood waits in quarantine, and goes on once a mapping is written', async () => {
  await sendSample(page, 'mapping-unknown');
  await newestRow().getByText('quarantined').waitFor();
  await expect.poll(() => countAt('Quarantine'), POLL_OPTIONS).toBe(1);
  await newestRow().click();
  await page.getByRole('region', { name: 'Issues' }).getByText('No mapping of this name').waitFor();

  const path = await readText(page.locator('.details-head p'));
  const name = /voucherify\/([\w-]+)/.exec(path)?.[1] ?? '';
  const file = join(relayConsole.project.folder, 'functions/mappings.ts');
  const source = await readFile(file, 'utf8');
  const mapping = `'${name}': v.pipe(v.looseObject({}), v.transform(() => ({ customer: { email: 'a@example.com' } }))),`;
  await writeFile(file, source.replace("'renamed-keys':", `${mapping}\n  'renamed-keys':`));
  await page.getByText(/receive.* reloaded/).waitFor();
  await page.getByRole('tab', { name: 'Try a mapping' }).click();
  await page.getByRole('option', { name, exact: true }).waitFor({ state: 'attached' });

  await flowNode('Quarantine').getByRole('button', { name: 'Replay' }).click();
  await page.getByText('From quarantine: 1 replayed').waitFor();
  await newestRow().getByText('replayed').waitFor();
  await deliveryAt('consumers').and(page.locator('.delivered')).waitFor();
});

test('a forged signature is refused, and so is none at all', async () => {
  await sendSample(page, 'promotion', { signature: 'forged' });
  await newestRow().getByText('401').waitFor();
  await newestRow().click();
  await page.getByText('does not match the body: forged, or another secret').waitFor();
  await sendSample(page, 'promotion', { signature: 'none' });
  await expect.poll(() => readText(newestRow()), POLL_OPTIONS).toContain('signature_missing');
});

test('sent twice, it is delivered once', async () => {
  const before = await countAt('Destination http');
  await sendSample(page, 'promotion', { button: 'Send twice' });
  await newestRow().getByText('repeat').waitFor();
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await newestRow().click();
  await page
    .getByRole('region', { name: 'Deliveries' })
    .getByText(/has it already|in_progress/)
    .first()
    .waitFor();
  expect(await countAt('Destination http')).toBe(before + 1);
});

test('what happens to a webhook while it is open shows at once', async () => {
  await sendSample(page, 'promotion');
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await deliveryAt('consumers').and(page.locator('.delivered')).waitFor();
  await newestRow().click();
  const deliveries = page.getByRole('region', { name: 'Deliveries' });
  await deliveries.getByText('delivered 200').waitFor();
  await page.getByRole('button', { name: 'Send again' }).click();
  await deliveries.getByText('has it already').first().waitFor();
});

test('a body can be edited and sent, signed anew', async () => {
  await page.getByRole('tab', { name: 'Send' }).click();
  await page.getByLabel('Sample of events/').selectOption('promotion');
  await page.getByRole('button', { name: 'Edit the body' }).click();
  const body = page.getByLabel('Body', { exact: true });
  const edited = (await body.inputValue())
    .replace('Rainy days', 'Windy days')
    .replace(/whs_\w+/, 'whs_edited');
  await body.fill(edited);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await newestRow().getByText('whs_edited').waitFor();
  await newestRow().click();
  await page.getByRole('region', { name: 'The record' }).getByText('"Windy days"').waitFor();
});

test('a warning stands at the line that it concerns', async () => {
  await page.getByRole('tab', { name: 'Send' }).click();
  await page.getByLabel('Sample of events/').selectOption('promotion');
  await page.getByRole('button', { name: 'Edit the body' }).click();
  const body = page.getByLabel('Body', { exact: true });
  const edited = (await body.inputValue())
    .replace(/whs_\w+/, 'whs_odd')
    .replace('"start_date":null', '"start_date":"soon"');
  await body.fill(edited);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await newestRow().getByText('whs_odd').waitFor();
  await newestRow().click();
  const line = page.locator('.line.annotated');
  await line.first().waitFor();
  expect(await readText(line.first())).toContain('"start_date"');
});

describe('what is personal', () => {
  test('is masked everywhere until a person asks, and then shown', async () => {
    await sendSample(page, 'code-percent-discount');
    await deliveryAt('http').and(page.locator('.delivered')).waitFor();
    await newestRow().click();
    await page.getByRole('region', { name: 'The record' }).waitFor();
    for (const summary of await page.locator('.attempt summary').all()) await summary.click();
    const personal = /HARBOUR-PCT|Lindqvist|@example\.com/;
    expect(await readText(page.locator('body'))).not.toMatch(personal);
    expect(await page.content()).not.toMatch(personal);
    await page.getByRole('button', { name: 'Show codes and names' }).click();
    await page.getByText('Mara Lindqvist').first().waitFor();
    expect(await readText(page.locator('body'))).toMatch(/HARBOUR-PCT/);
    await page.getByRole('button', { name: 'Show codes and names' }).click();
    await expect.poll(() => readText(page.locator('body')), POLL_OPTIONS).not.toMatch(personal);
  });
});

test('a mapping is tried against a pasted body', async () => {
  await page.getByRole('tab', { name: 'Try a mapping' }).click();
  const form = page.getByRole('form', { name: 'Try a mapping' });
  await form.getByLabel('Mapping of functions/mappings.ts').selectOption('designer-mail');
  await form
    .getByLabel('Body', { exact: true })
    .fill('{"To":"mara@example.com","Subject":"Ahoy","Body":"Coffee"}');
  await form.getByRole('button', { name: 'Try' }).click();
  await form.getByRole('region', { name: 'Unmapped' }).getByText('Subject = "Ahoy"').waitFor();
  expect(await readText(form)).not.toContain('mara@example.com');
  await form.getByLabel('Body', { exact: true }).fill('{"To":"nobody"}');
  await form.getByRole('button', { name: 'Try' }).click();
  await form.getByText('Invalid; it would be quarantined').waitFor();
});
