import { findChromium } from '../../../lib/local/docs/chromium.ts';
import { runCli } from '../../../lib/local/cli/run-cli.ts';

// Prints how to install a browser if there is none, before any test starts.
await runCli(async (print) => {
  print(`Testing in ${findChromium(process.env)}`);
  return 0;
});
