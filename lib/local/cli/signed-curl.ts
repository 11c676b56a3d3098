import { signatureOf, SIGNATURE_HEADER } from '../../voucherify/signature.ts';

/** A curl command for a shell that posts a body, signed. */
export function signedCurl(url: string, body: string, secret: string): string {
  return [
    `curl -sS ${url}`,
    `-H 'content-type: application/json'`,
    `-H '${SIGNATURE_HEADER}: ${signatureOf(body, secret)}'`,
    `--data-binary ${quoted(body)}`,
  ].join(' ');
}

/** A shell's single quotes take everything but themselves. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
