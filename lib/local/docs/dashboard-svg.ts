import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printServerlessConfiguration } from '../emulator/serverless-print.ts';
import { readArguments } from '../cli/arguments.ts';
import { drawDashboard } from './dashboard-drawing.ts';
import { dashboardWidgets } from './dashboard-widgets.ts';
import { PROJECT_FOLDER } from '../cli/paths.ts';
import { DOCS_FOLDER } from './record-schema-documents.ts';
import { runTool } from '../cli/run-cli.ts';

const USAGE = `Usage: npm run dashboard
  Draws docs/dashboard.svg anew, from the dashboard that serverless.yml declares.`;

await runTool(async (say) => {
  readArguments({}, USAGE);
  const configuration = await printServerlessConfiguration(PROJECT_FOLDER, 'local');
  await writeFile(
    join(DOCS_FOLDER, 'dashboard.svg'),
    drawDashboard(dashboardWidgets(configuration)),
  );
  say('docs/dashboard.svg');
  return 0;
});
