import { chromiumPath } from '../../../lib/local/tools/chromium.ts';
import { runTool } from '../../../lib/local/tools/tool.ts';

// Says in one line how to get a browser where there is none, before any test begins.
await runTool(async (say) => {
  say(`Testing in ${chromiumPath(process.env)}`);
  return 0;
});
