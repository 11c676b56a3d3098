import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIXTURE_FILES } from '../../lib/local/emulator/fixture-stack.ts';
import { printServerlessConfiguration } from '../../lib/local/emulator/serverless-print.ts';
import { drawDashboard } from '../../lib/local/docs/dashboard-drawing.ts';
import { readDashboardWidgets, type Widget } from '../../lib/local/docs/dashboard-widgets.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';

describe('the picture of the dashboard', () => {
  let widgets: Widget[];
  beforeAll(async () => {
    widgets = readDashboardWidgets(
      await printServerlessConfiguration(PROJECT_FOLDER, 'local', FIXTURE_FILES),
    );
  });

  it('is the one that serverless.yml declares now; npm run dashboard draws it anew', async () => {
    const picture = await readFile(new URL('../../docs/dashboard.svg', import.meta.url), 'utf8');
    expect(picture).toBe(drawDashboard(widgets));
  });

  it('shows every chart with its title and a name for each of its lines', () => {
    const picture = drawDashboard(widgets);
    const charts = widgets.filter(({ kind }) => kind !== 'text');
    expect(charts.length).toBeGreaterThan(8);
    for (const { title, labels } of charts) {
      expect(picture).toContain(title);
      expect(labels.length).toBeGreaterThan(0);
    }
    expect(picture.match(/<polyline/g)).toHaveLength(
      charts.reduce((sum, { labels }) => sum + labels.length, 0),
    );
  });

  it('is not drawn for a stack without a dashboard', () => {
    expect(() => readDashboardWidgets({ resources: { Resources: {} } })).toThrow(
      'has no AWS::CloudWatch::Dashboard',
    );
  });
});
