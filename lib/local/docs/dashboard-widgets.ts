import * as v from 'valibot';
import { StartError } from '../emulator/start-error.ts';

/** One widget of the dashboard: its position on CloudWatch's grid of 24 columns, and its content. */
export interface Widget {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Empty for a text widget. */
  readonly title: string;
  /** The labels of a chart's lines, or the lines of a text. */
  readonly labels: readonly string[];
  readonly kind: 'text' | 'lines';
  /** The label of the left axis; empty without one. */
  readonly unit: string;
}

const ConfigurationSchema = v.object({
  resources: v.object({ Resources: v.record(v.string(), v.unknown()) }),
});
const DashboardSchema = v.object({
  Type: v.literal('AWS::CloudWatch::Dashboard'),
  Properties: v.object({ DashboardBody: v.object({ 'Fn::Sub': v.string() }) }),
});
/** A metric that only an expression reads is not visible. */
const LineSchema = v.object({ label: v.string(), visible: v.optional(v.boolean(), true) });
const positionEntries = { x: v.number(), y: v.number(), width: v.number(), height: v.number() };
const AxisSchema = v.object({ left: v.object({ label: v.optional(v.string(), '') }) });
const BodySchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    widgets: v.array(
      v.variant('type', [
        v.object({
          type: v.literal('text'),
          ...positionEntries,
          properties: v.object({ markdown: v.string() }),
        }),
        v.object({
          type: v.literal('metric'),
          ...positionEntries,
          properties: v.object({
            title: v.string(),
            yAxis: AxisSchema,
            metrics: v.array(v.array(v.unknown())),
          }),
        }),
      ]),
    ),
  }),
);

/**
 * Reads the widgets of the dashboard from the resolved serverless configuration.
 * @param configuration the output of `sls print --format json` for a stage
 * @throws StartError when it has no valid dashboard
 */
export function readDashboardWidgets(configuration: unknown): Widget[] {
  const declared = v.safeParse(ConfigurationSchema, configuration);
  const resources = declared.success ? Object.values(declared.output.resources.Resources) : [];
  const dashboard = resources.find((resource) => v.is(DashboardSchema, resource));
  const text = v.safeParse(DashboardSchema, dashboard);
  const body = text.success
    ? v.safeParse(BodySchema, text.output.Properties.DashboardBody['Fn::Sub'])
    : null;
  if (body?.success !== true)
    throw new StartError(
      'serverless.yml has no AWS::CloudWatch::Dashboard with a valid DashboardBody. See lib/stack/dashboard.yml.',
    );
  return body.output.widgets.map(toWidget);
}

function toWidget(widget: v.InferOutput<typeof BodySchema>['widgets'][number]): Widget {
  const { x, y, width, height } = widget;
  if (widget.type === 'text') {
    const labels = widget.properties.markdown.split('\n');
    return { x, y, width, height, title: '', labels, kind: 'text', unit: '' };
  }
  const { title, yAxis, metrics } = widget.properties;
  const lines = metrics.map((metric) => v.parse(LineSchema, metric.at(-1)));
  const labels = lines.filter(({ visible }) => visible).map(({ label }) => label);
  return { x, y, width, height, title, labels, kind: 'lines', unit: yAxis.left.label };
}
