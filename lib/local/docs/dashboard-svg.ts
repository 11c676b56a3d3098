import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printServerlessConfiguration } from '../emulator/serverless-print.ts';
import { parseArguments } from '../cli/arguments.ts';
import { drawDashboard } from './dashboard-drawing.ts';
import { readDashboardWidgets } from './dashboard-widgets.ts';
import { PROJECT_FOLDER } from '../cli/paths.ts';
import { DOCS_FOLDER } from './record-schema-documents.ts';
import { runCli } from '../cli/run-cli.ts';

const USAGE = `Usage: npm run dashboard
  Draws docs/dashboard.svg anew, from the dashboard that serverless.yml declares.`;

await runCli(async (print) => {
  parseArguments({}, USAGE);
  const configuration = await printServerlessConfiguration(PROJECT_FOLDER, 'local');
  await writeFile(
    join(DOCS_FOLDER, 'dashboard.svg'),
    drawDashboard(readDashboardWidgets(configuration)),
  );
  print('docs/dashboard.svg');
  return 0;
});
