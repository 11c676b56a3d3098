import { sign, SIGNATURE_HEADER } from '../../voucherify/signature.ts';

/** Formats a curl command that posts a body with its signature. */
export function formatSignedCurl(url: string, body: string, secret: string): string {
  return [
    `curl -sS ${url}`,
    `-H 'content-type: application/json'`,
    `-H '${SIGNATURE_HEADER}: ${sign(body, secret)}'`,
    `--data-binary ${quoteForShell(body)}`,
  ].join(' ');
}

/** In a shell, single quotes can contain every character except a single quote. */
function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
