import { findChromium } from '../../../lib/local/docs/chromium.ts';
import { runCli } from '../../../lib/local/cli/run-cli.ts';

// Says in one line how to get a browser where there is none, before any test begins.
await runCli(async (print) => {
  print(`Testing in ${findChromium(process.env)}`);
  return 0;
});
