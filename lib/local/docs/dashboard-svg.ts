import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIXTURE_FILES } from '../emulator/fixture-stack.ts';
import { printServerlessConfiguration } from '../emulator/serverless-print.ts';
import { parseArguments } from '../cli/arguments.ts';
import { drawDashboard } from './dashboard-drawing.ts';
import { readDashboardWidgets } from './dashboard-widgets.ts';
import { PROJECT_FOLDER } from '../cli/paths.ts';
import { DOCS_FOLDER } from './record-schema-documents.ts';
import { runCli } from '../cli/run-cli.ts';

const USAGE = `Usage: npm run dashboard
  Writes docs/dashboard.svg, a drawing of the dashboard of the stack, with the destinations of events/.`;

await runCli(async (print) => {
  parseArguments({}, USAGE);
  const configuration = await printServerlessConfiguration(PROJECT_FOLDER, 'local', FIXTURE_FILES);
  await writeFile(
    join(DOCS_FOLDER, 'dashboard.svg'),
    drawDashboard(readDashboardWidgets(configuration)),
  );
  print('Wrote docs/dashboard.svg.');
  return 0;
});
