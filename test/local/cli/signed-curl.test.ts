import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { formatSignedCurl } from '../../../lib/local/cli/signed-curl.ts';
import { sign } from '../../../lib/voucherify/signature.ts';

test.each([
  '{"name":"plain"}',
  `{"name":"O'Hara & \`sons\` \\"$HOME\\" 100% \\\\ ümlaut 🌷"}`,
  "'",
  '{\n  "lines": true\n}',
])('a shell passes the body %j to curl unchanged, with its signature', (body) => {
  const command = formatSignedCurl('http://127.0.0.1:3000/a', body, 'a secret').replace(
    'curl',
    'printf "%s\\0"',
  );
  const words = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split('\0');
  expect(words).toContain(body);
  expect(words).toContain('http://127.0.0.1:3000/a');
  expect(words).toContain(`x-voucherify-signature: ${sign(body, 'a secret')}`);
});
