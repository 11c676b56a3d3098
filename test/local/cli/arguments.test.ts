import { expect, test } from 'vitest';
import { parsePort, parseArguments } from '../../../lib/local/cli/arguments.ts';
import { isLoopback, readSigningSecret } from '../../../lib/local/cli/signing-secret.ts';
import { HelpRequest, UsageError } from '../../../lib/local/cli/run-cli.ts';

test('an unknown option, or one without its value, is an error with the usage', () => {
  const read = (...args: string[]) =>
    parseArguments({ args, options: { port: { type: 'string' } } }, 'Usage: this way');
  expect(read('--port', '1').values).toEqual({ port: '1' });
  expect(() => read('--bogus')).toThrow(
    new UsageError("Unknown option '--bogus'.\nUsage: this way"),
  );
  expect(() => read('--port')).toThrow(UsageError);
});

const readAny = (...args: string[]) =>
  parseArguments(
    { args, allowPositionals: true, options: { port: { type: 'string' } } },
    'Usage: this way',
  );

test.each([['--help'], ['-h'], ['--bogus', '--help'], ['a.json', '--port', '1', '-h']])(
  'the arguments %s %s %s ask for the usage',
  (...args) => {
    expect(() => readAny(...args)).toThrow(new HelpRequest('Usage: this way'));
  },
);

test.each([['--', '--help'], ['help'], ['--port=-h']])(
  'the arguments %s %s do not ask for it',
  (...args) => {
    expect(() => readAny(...args)).not.toThrow();
  },
);

test.each([
  [undefined, 3_000],
  ['0', 0],
  ['65535', 65_535],
])('the option --port %j means port %i', (option, port) => {
  expect(parsePort(option, 3_000, '')).toBe(port);
});

test.each(['abc', '-1', '65536', '1.5', '', ' 1'])('--port %j is rejected', (option) => {
  expect(() => parsePort(option, 3_000, 'Usage: this way')).toThrow(
    `--port ${option} is not a port. Use a number from 0 to 65535.\nUsage: this way`,
  );
});

test.each([
  ['http://127.0.0.1:3000/', true],
  ['http://127.1.2.3/', true],
  ['http://localhost/', true],
  ['http://[::1]:3000/', true],
  ['https://hooks.example.com/', false],
  ['https://localhost.example.com/', false],
  ['https://127.0.0.1.example.com/', false],
  ['http://10.0.0.1/', false],
])('%s is on this machine: %s', (address, isLocal) => {
  expect(isLoopback(new URL(address))).toBe(isLocal);
});

test('this machine has a fixed secret; the secret of another machine comes from the environment', async () => {
  const env = { VOUCHERIFY_WEBHOOK_SECRET: 'a-secret' };
  expect(await readSigningSecret(new URL('http://127.0.0.1/'), env)).toBe('local-secret');
  expect(await readSigningSecret(new URL('https://hooks.example.com/'), env)).toBe('a-secret');
});

test('of two keys the first signs, which is the newer one', async () => {
  const env = { VOUCHERIFY_WEBHOOK_SECRET: '{"webhook":"newer-key\\nolder-key"}' };
  expect(await readSigningSecret(new URL('https://hooks.example.com/'), env)).toBe('newer-key');
});

test.each([
  ['"quoted-key"', 'line 1 has quotes'],
  ['a-secret\nshort', 'line 2 is shorter than 8 characters'],
  [' \n', 'is empty'],
])('a secret that receive would refuse signs nothing: %j', async (secret, message) => {
  const env = { VOUCHERIFY_WEBHOOK_SECRET: secret };
  const read = readSigningSecret(new URL('https://hooks.example.com/'), env);
  await expect(read).rejects.toThrow(message);
  await expect(read).rejects.not.toThrow('quoted-key');
});
