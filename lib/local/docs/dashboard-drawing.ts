import type { Widget } from './dashboard-widgets.ts';

const COLUMN_PX = 52;
const ROW_PX = 38;
const GAP_PX = 6;
const POINTS = 24;
const COLOURS = ['#1f77b4', '#2ca02c', '#ff7f0e', '#d62728', '#9467bd', '#8c564b'];

/** Sample values for the placeholders that CloudWatch fills into a label. */
const SAMPLE_NAMES = { destination: 'crm', reason: 'signature_missing' } as const;

/**
 * Draws a dashboard as SVG, in CloudWatch's layout. Titles and labels are those of the dashboard; the
 * values of the lines are invented, and the same in every drawing.
 */
export function drawDashboard(widgets: readonly Widget[]): string {
  const width = Math.max(...widgets.map((each) => each.x + each.width)) * COLUMN_PX;
  const height = Math.max(...widgets.map((each) => each.y + each.height)) * ROW_PX;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="11">`,
    `<title>The dashboard of the stack, with invented figures</title>`,
    `<rect width="${width}" height="${height}" fill="#f2f3f3"/>`,
    ...widgets.map((widget, index) => drawWidget(widget, index)),
    '</svg>',
    '',
  ].join('\n');
}

function drawWidget(widget: Widget, index: number): string {
  const width = widget.width * COLUMN_PX - GAP_PX;
  const height = widget.height * ROW_PX - GAP_PX;
  const at = `translate(${widget.x * COLUMN_PX + GAP_PX / 2} ${widget.y * ROW_PX + GAP_PX / 2})`;
  const frame = `<rect width="${width}" height="${height}" rx="4" fill="#fff" stroke="#d5dbdb"/>`;
  const content =
    widget.kind === 'text' ? drawText(widget) : drawChart(widget, width, height, index);
  return `<g transform="${at}">${frame}${content}</g>`;
}

function drawText({ labels }: Widget): string {
  return labels
    .map((line, row) => {
      const heading = line.startsWith('# ');
      const weight = heading ? ' font-weight="bold" font-size="16"' : '';
      const content = escapeXml(heading ? line.slice(2) : line);
      return `<text x="12" y="${24 + row * 22}"${weight} fill="#16191f">${content}</text>`;
    })
    .join('');
}

function drawChart(widget: Widget, width: number, height: number, index: number): string {
  const plot = { left: 34, right: width - 10, top: 34, bottom: height - 52 };
  const grid = [0, 0.5, 1].map((part) => {
    const y = plot.top + part * (plot.bottom - plot.top);
    return `<line x1="${plot.left}" x2="${plot.right}" y1="${y}" y2="${y}" stroke="#eaeded"/>`;
  });
  const lines = widget.labels.map((_, line) => {
    const level = 0.85 - (0.7 * line) / widget.labels.length;
    const points = Array.from({ length: POINTS }, (__, point) => {
      const x = plot.left + (point / (POINTS - 1)) * (plot.right - plot.left);
      const part = level * (0.75 + 0.25 * Math.sin(point * 0.55 + line + index));
      const y = plot.bottom - part * (plot.bottom - plot.top);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    const colour = COLOURS[line % COLOURS.length];
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
  });
  const unit = widget.unit === '' ? '' : textElement(6, plot.top + 4, widget.unit, '#687078');
  const title = `<text x="10" y="20" font-weight="bold" fill="#16191f">${escapeXml(widget.title)}</text>`;
  return [title, ...grid, ...lines, unit, drawLegend(widget.labels, height)].join('');
}

/** Draws the legend in two columns below the chart. */
function drawLegend(labels: readonly string[], height: number): string {
  return labels
    .map((label, line) => {
      const x = 12 + (line % 2) * 150;
      const y = height - 36 + Math.floor(line / 2) * 13;
      const colour = COLOURS[line % COLOURS.length];
      const mark = `<rect x="${x}" y="${y - 7}" width="8" height="8" fill="${colour}"/>`;
      return mark + textElement(x + 12, y, formatLabel(label), '#414750', 9);
    })
    .join('');
}

function textElement(x: number, y: number, content: string, colour: string, size = 11): string {
  return `<text x="${x}" y="${y}" fill="${colour}" font-size="${size}">${escapeXml(content)}</text>`;
}

/** Fills sample values into a label, as CloudWatch does for each destination or reason. */
function formatLabel(label: string): string {
  return label
    .replace("${!PROP('Dim.destination')}", SAMPLE_NAMES.destination)
    .replace("${!PROP('Dim.reason')}", SAMPLE_NAMES.reason);
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
