import { chromiumPath } from '../../../lib/local/docs/chromium.ts';
import { runTool } from '../../../lib/local/cli/run-cli.ts';

// Says in one line how to get a browser where there is none, before any test begins.
await runTool(async (say) => {
  say(`Testing in ${chromiumPath(process.env)}`);
  return 0;
});
