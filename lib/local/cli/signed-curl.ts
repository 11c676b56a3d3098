import { sign, SIGNATURE_HEADER } from '../../voucherify/signature.ts';

/** Formats a curl command that posts a body with its signature. */
export function formatSignedCurl(url: string, body: string, secret: string): string {
  const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: sign(body, secret) };
  return formatCurl(url, headers, body);
}

/** Formats a curl command that posts a body with headers. */
export function formatCurl(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  return [
    `curl -sS ${/^[\w:/.%-]+$/.test(url) ? url : quoteForShell(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoteForShell(`${name}: ${value}`)}`),
    `--data-binary ${quoteForShell(body)}`,
  ].join(' ');
}

/** In a shell, single quotes can contain every character except a single quote. */
function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
