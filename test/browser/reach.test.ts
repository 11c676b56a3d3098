import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findViolations } from './support/find-violations.ts';
import { setResponse, type OpenConsole, openConsole, sendSample } from './support/open-console.ts';

let relayConsole: OpenConsole;
beforeAll(async () => {
  relayConsole = await openConsole();
  const page = await relayConsole.page();
  for (const sample of ['code-gift-card', 'unknown-shape', 'forged-signature', 'promotion']) {
    await sendSample(page, sample, { withNewId: false });
    await page.locator('output', { hasText: /^\d{3}/ }).waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
  }
  await page.close();
});
afterAll(async () => {
  await relayConsole.close();
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([360, 1_600])('axe-core finds no violation at %i pixels', async (width) => {
    const page = await relayConsole.page({ colorScheme, width });
    expect(await findViolations(page)).toEqual([]);
    await page.locator('.row', { hasText: 'whs_gft' }).first().click();
    await page.getByRole('region', { name: 'Formatted record' }).waitFor();
    await page.locator('.attempt summary').first().click();
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Send' }).click();
    await page.getByRole('button', { name: 'Edit the body' }).click();
    await page.getByLabel('Body', { exact: true }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Try a mapping' }).click();
    expect(await findViolations(page)).toEqual([]);
    await page.close();
  });

  test('axe-core finds no violation with a failing destination and a quarantined webhook', async () => {
    const page = await relayConsole.page({ colorScheme });
    await setResponse(page, 'http', 'responds 500');
    await sendSample(page, 'promotion');
    await page.locator('.delivery.waiting').first().waitFor();
    await page.locator('.row', { hasText: 'quarantined' }).first().click();
    await page.getByRole('region', { name: 'Issues' }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await setResponse(page, 'http', 'responds 200');
    await page.close();
  });
});

test.each([360, 1_600])('no content is wider than a window of %i pixels', async (width) => {
  const page = await relayConsole.page({ width });
  const isTooWide = (): Promise<unknown> =>
    page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
  expect(await isTooWide()).toBe(false);
  await page.locator('.row', { hasText: 'whs_gft' }).first().click();
  await page.getByRole('region', { name: 'Formatted record' }).waitFor();
  expect(await isTooWide()).toBe(false);
  await page.close();
});

test('the list, the tabs and closing the panel work by keyboard', async () => {
  const page = await relayConsole.page({ width: 360 });
  const focusedLabel = (): Promise<unknown> => page.evaluate('document.activeElement.ariaLabel');
  const rows = page.locator('.row');
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect.poll(focusedLabel).toBe(await rows.nth(1).getAttribute('aria-label'));
  await page.keyboard.press('End');
  await expect.poll(focusedLabel).toBe(await rows.last().getAttribute('aria-label'));
  await page.keyboard.press('Enter');
  await page.getByRole('article').waitFor();
  await page.getByRole('tab', { name: 'Webhook' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('group', { name: 'Queue of http', exact: true }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByText('No dead letters.').waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('listitem', { name: /^\w/ }).getByText('since').first().waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('form', { name: 'Send a webhook' }).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('form').isVisible()).toBe(false);
  await page.close();
});

describe('another site in the same browser', () => {
  interface RawResponse {
    readonly status: number | undefined;
    readonly csp: string;
  }
  const sendRequest = (
    path: string,
    headers: Record<string, string>,
    method = 'GET',
  ): Promise<RawResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
    const call = request(relayConsole.address + path, { method, headers }, (response) => {
      response.resume();
      const csp = String(response.headers['content-security-policy']);
      resolve({ status: response.statusCode, csp });
      call.destroy();
    });
    call.on('error', reject);
    call.end(method === 'POST' ? '{"speed":10}' : '');
    return promise;
  };
  const json = { 'content-type': 'application/json' };

  test('gets 403 for another host name or origin, on every path', async () => {
    for (const path of ['/', '/console/live', '/console/samples', '/console/app.js']) {
      expect((await sendRequest(path, { host: 'evil.example' })).status, path).toBe(403);
      expect((await sendRequest(path, { origin: 'http://evil.example' })).status, path).toBe(403);
    }
  });

  test('cannot send a command, nor can a form or a link', async () => {
    const ownHeaders = { ...json, origin: relayConsole.address };
    const path = '/console/speed';
    expect((await sendRequest(path, ownHeaders, 'POST')).status).toBe(200);
    expect(
      (await sendRequest(path, { ...ownHeaders, origin: 'http://evil.example' }, 'POST')).status,
    ).toBe(403);
    expect((await sendRequest(path, { ...ownHeaders, origin: 'null' }, 'POST')).status).toBe(403);
    expect((await sendRequest(path, json, 'POST')).status).toBe(403);
    expect(
      (await sendRequest(path, { ...ownHeaders, 'content-type': 'text/plain' }, 'POST')).status,
    ).toBe(403);
    expect(
      (await sendRequest(path, { ...ownHeaders, 'sec-fetch-site': 'cross-site' }, 'POST')).status,
    ).toBe(403);
    expect((await sendRequest(path, {})).status).toBe(404);
  });

  test('finds a policy without inline scripts, inline styles and frames', async () => {
    const { csp } = await sendRequest('/', {});
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).not.toContain('unsafe');
  });
});
