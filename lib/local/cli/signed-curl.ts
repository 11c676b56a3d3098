import { sign, SIGNATURE_HEADER } from '../../voucherify/signature.ts';

/** A curl command for a shell that posts a body, signed. */
export function formatSignedCurl(url: string, body: string, secret: string): string {
  return [
    `curl -sS ${url}`,
    `-H 'content-type: application/json'`,
    `-H '${SIGNATURE_HEADER}: ${sign(body, secret)}'`,
    `--data-binary ${quoteForShell(body)}`,
  ].join(' ');
}

/** A shell's single quotes take everything but themselves. */
function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
