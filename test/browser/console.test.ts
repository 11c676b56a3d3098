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

test('shows a sample that was sent and delivered to every destination, without a page reload', async () => {
  const before = await countAt('Destination consumers');
  await sendSample(page, 'code-gift-card');
  await deliveryAt('consumers').and(page.locator('.delivered')).waitFor();
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await expect.poll(() => countAt('Destination consumers'), POLL_OPTIONS).toBe(before + 1);
  expect(await readText(newestRow())).toContain('202 queued');
});

test('highlights the route of the open webhook, from the endpoint to the destinations', async () => {
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

test('shows body, signature, record, unmapped fields and attempts of the open webhook', async () => {
  await sendSample(page, 'indented-body', { withNewId: false });
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await newestRow().click();
  const article = page.getByRole('article');
  await article.getByText('matches the body without its white space').waitFor();
  await article.getByRole('region', { name: 'Formatted body' }).waitFor();
  expect(await readText(article.getByRole('region', { name: 'Formatted record' }))).toContain(
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

test('retries a delivery that failed, and delivers it once the destination responds 200', async () => {
  await setResponse(page, 'http', 'responds 500');
  await sendSample(page, 'code-percent-discount');
  await deliveryAt('http').and(page.locator('.waiting')).waitFor();
  await expect.poll(() => readText(deliveryAt('http')), POLL_OPTIONS).toMatch(/in \d+ s|now/);
  await deliveryAt('consumers').and(page.locator('.delivered')).waitFor();
  // the wait can end at any time, and the delivery then fails again
  await expect
    .poll(() => readText(flowNode('Destination http')), POLL_OPTIONS)
    .toContain('1 waiting');

  await setResponse(page, 'http', 'responds 200');
  await page.getByLabel('Retry speed').selectOption({ label: '10 × faster' });
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await expect
    .poll(() => readText(flowNode('Destination http')), POLL_OPTIONS)
    .not.toContain('waiting');
  await newestRow().click();
  const attempts = page.getByRole('region', { name: 'Deliveries' });
  await attempts.getByText('http_status 500').waitFor();
  await attempts.getByText('attempt 2').waitFor();
  await page.getByLabel('Retry speed').selectOption({ label: 'real time' });
});

test('shows a delivery as in progress during the Retry-After of a 429, which the invocation waits for', async () => {
  await setResponse(page, 'http', 'responds 429, Retry-After 20 s');
  await sendSample(page, 'promotion');
  await deliveryAt('http').and(page.locator('.in_progress')).waitFor();
  await setResponse(page, 'http', 'responds 200');
  await deliveryAt('http').and(page.locator('.delivered')).waitFor({ timeout: 60_000 });
  await newestRow().click();
  const attempts = page.getByRole('region', { name: 'Deliveries' });
  await attempts.locator('summary', { hasText: 'refused' }).click();
  const response = attempts.getByRole('region', { name: 'Response headers' }).last();
  expect(await readText(response)).toContain('429');
});

test('shows a delivery to a destination that never responds as in progress, then as waiting', async () => {
  await setResponse(page, 'http', 'no response');
  await sendSample(page, 'promotion');
  await deliveryAt('http').and(page.locator('.in_progress')).waitFor();
  await deliveryAt('http').and(page.locator('.waiting')).waitFor();
  await newestRow().click();
  const attempts = page.getByRole('region', { name: 'Deliveries' });
  await attempts.locator('summary', { hasText: 'timeout' }).click();
  const response = attempts.getByRole('region', { name: 'Response headers' }).last();
  expect(await readText(response)).toContain('no response');
});

test('replays dead letters, and delivers them', async () => {
  await setResponse(page, 'http', 'responds 400');
  await sendSample(page, 'code-amount-discount');
  await deliveryAt('http').and(page.locator('.dead')).waitFor();
  await expect.poll(() => countAt('Dead letters'), POLL_OPTIONS).toBe(1);
  await setResponse(page, 'http', 'responds 200');
  await flowNode('Dead letters').getByRole('button', { name: 'Replay' }).click();
  await page.getByText('1 replayed from dead-letters').waitFor();
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await expect.poll(() => countAt('Dead letters'), POLL_OPTIONS).toBe(0);
});

test('quarantines a webhook with an unknown mapping, and replays it once the mapping exists', async () => {
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
  await page.getByText('1 replayed from quarantine').waitFor();
  await newestRow().getByText('replayed').waitFor();
  await deliveryAt('consumers').and(page.locator('.delivered')).waitFor();
});

test('shows a rejected webhook with a forged signature, and one without a signature', async () => {
  await sendSample(page, 'promotion', { signature: 'forged' });
  await newestRow().getByText('401').waitFor();
  await newestRow().click();
  await page
    .getByText('does not match the body: it is forged, or made with another secret')
    .waitFor();
  await sendSample(page, 'promotion', { signature: 'none' });
  await expect.poll(() => readText(newestRow()), POLL_OPTIONS).toContain('signature_missing');
});

test('delivers a webhook that is sent twice only once', async () => {
  const before = await countAt('Destination http');
  await sendSample(page, 'promotion', { button: 'Send twice' });
  await newestRow().locator('.tag', { hasText: 'duplicate' }).waitFor();
  await deliveryAt('http').and(page.locator('.duplicate')).waitFor();
  await newestRow().click();
  await page
    .getByRole('region', { name: 'Deliveries' })
    .getByText(/duplicate|in_progress/)
    .first()
    .waitFor();
  expect(await countAt('Destination http')).toBe(before + 1);
});

test('shows new attempts of the open webhook at once', async () => {
  await sendSample(page, 'promotion');
  await deliveryAt('http').and(page.locator('.delivered')).waitFor();
  await deliveryAt('consumers').and(page.locator('.delivered')).waitFor();
  await newestRow().click();
  const deliveries = page.getByRole('region', { name: 'Deliveries' });
  await deliveries.getByText('delivered 200').waitFor();
  await page.getByRole('button', { name: 'Send again' }).click();
  await deliveries.getByText('duplicate').first().waitFor();
});

test('sends an edited body with a valid signature', async () => {
  await page.getByRole('tab', { name: 'Send' }).click();
  await page.getByLabel('Sample from events/').selectOption('promotion');
  await page.getByRole('button', { name: 'Edit the body' }).click();
  const body = page.getByLabel('Body', { exact: true });
  const edited = (await body.inputValue())
    .replace('Rainy days', 'Windy days')
    .replace(/whs_\w+/, 'whs_edited');
  await body.fill(edited);
  await page.getByLabel('New webhook id').uncheck();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await newestRow().getByText('whs_edited').waitFor();
  await newestRow().click();
  await page.getByRole('region', { name: 'Formatted record' }).getByText('"Windy days"').waitFor();
});

test('shows a warning below the line of its value', async () => {
  await page.getByRole('tab', { name: 'Send' }).click();
  await page.getByLabel('Sample from events/').selectOption('promotion');
  await page.getByRole('button', { name: 'Edit the body' }).click();
  const body = page.getByLabel('Body', { exact: true });
  const edited = (await body.inputValue())
    .replace(/whs_\w+/, 'whs_warned')
    .replace('"start_date": null', '"start_date": "soon"');
  await body.fill(edited);
  await page.getByLabel('New webhook id').uncheck();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await newestRow().getByText('whs_warned').waitFor();
  await newestRow().click();
  const line = page.locator('.line.annotated');
  await line.first().waitFor();
  expect(await readText(line.first())).toContain('"start_date"');
});

describe('personal data', () => {
  test('is masked everywhere until the user shows it', async () => {
    await sendSample(page, 'code-percent-discount');
    await deliveryAt('http').and(page.locator('.delivered')).waitFor();
    await newestRow().click();
    await page.getByRole('region', { name: 'Formatted record' }).waitFor();
    for (const summary of await page.locator('.attempt summary').all()) await summary.click();
    const personalData = /HARBOUR-PCT|Lindqvist|@example\.com/;
    expect(await readText(page.locator('body'))).not.toMatch(personalData);
    expect(await page.content()).not.toMatch(personalData);
    await page.getByRole('button', { name: 'Unmask values' }).click();
    await page.getByText('Mara Lindqvist').first().waitFor();
    expect(await readText(page.locator('body'))).toMatch(/HARBOUR-PCT/);
    await page.getByRole('button', { name: 'Mask values', exact: true }).click();
    await expect.poll(() => readText(page.locator('body')), POLL_OPTIONS).not.toMatch(personalData);
  });
});

test('says that npm start has to be run again when serverless.yml has changed', async () => {
  const file = join(relayConsole.project.folder, 'serverless.yml');
  const source = await readFile(file, 'utf8');
  const alert = page.getByRole('alert');
  await writeFile(file, `${source}# changed\n`);
  await alert.getByText('serverless.yml has changed since the start').waitFor();
  expect(await readText(alert)).toContain('run npm start again');
  await writeFile(file, source);
  await alert.waitFor({ state: 'detached' });
});

test('tries a mapping with a pasted body', async () => {
  await page.getByRole('tab', { name: 'Try a mapping' }).click();
  const form = page.getByRole('form', { name: 'Try a mapping' });
  await form.getByLabel('Mapping in functions/mappings.ts').selectOption('designer-mail');
  await form
    .getByLabel('Body', { exact: true })
    .fill('{"To":"mara@example.com","Subject":"Ahoy","Body":"Coffee"}');
  await form.getByRole('button', { name: 'Try' }).click();
  await form.getByRole('region', { name: 'Unmapped' }).getByText('Subject = "Ahoy"').waitFor();
  expect(await readText(form)).not.toContain('mara@example.com');
  await form.getByLabel('Body', { exact: true }).fill('{"To":"nobody"}');
  await form.getByRole('button', { name: 'Try' }).click();
  await form.getByText('Invalid. receive would quarantine it.').waitFor();
});
