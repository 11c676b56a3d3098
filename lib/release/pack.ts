import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseArguments } from '../local/cli/arguments.ts';
import { runCli } from '../local/cli/run-cli.ts';
import { buildPackage } from './build-package.ts';

const USAGE = `Usage: npm run pack
  Builds the package that projects install, in dist/, and writes voucher-relay-VERSION.tgz beside it.`;

await runCli(async (print) => {
  parseArguments({}, USAGE);
  const repository = join(import.meta.dirname, '../..');
  const folder = join(repository, 'dist');
  print('Building dist/ ...');
  await buildPackage(repository, folder);
  const { stdout } = await promisify(execFile)('npm', ['pack', '--silent', folder], {
    cwd: repository,
  });
  print(`Wrote ${stdout.trim()}. To begin a project with it:`);
  print(`  npx ./${stdout.trim()} create ../my-relay --package ./${stdout.trim()}`);
  return 0;
});
