import type { Measurement } from './metrics.ts';

/** Metrics that are collected until the end of an invocation. */
export interface EmbeddedMetrics {
  readonly measure: (measurement: Measurement) => void;
  /** Writes everything measured since the last call: a line for each set of dimensions in use. */
  readonly publish: () => void;
}

/** The options of `createEmbeddedMetrics`. */
export interface EmbeddedMetricsOptions {
  /** The namespace of the metrics in CloudWatch. */
  readonly namespace: string;
  /** The value of the dimension `service`, which all metrics have. */
  readonly service: string;
  readonly now: () => Date;
  /** Writes a text to stdout, and not by `console.log`: Lambda puts time and request id before that. */
  readonly write: (text: string) => void;
}

/** The metrics of one set of dimensions, by name. */
interface MetricSet {
  readonly dimensions: Measurement['dimensions'];
  readonly metrics: Map<string, { readonly unit: Measurement['unit']; readonly values: number[] }>;
}

/** How many metrics a line may have, and how many values a metric (the specification below). */
const MAX_METRICS = 100;
const MAX_VALUES = 100;

/**
 * CloudWatch metrics as log lines in the embedded metric format, which cost no call. A line has one
 * value for each dimension, so each set of dimensions gets its own line. A full line is written at once.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function createEmbeddedMetrics(options: EmbeddedMetricsOptions): EmbeddedMetrics {
  const sets = new Map<string, MetricSet>();
  const writeLine = (set: MetricSet): void =>
    options.write(`${JSON.stringify(toEmfDocument(set, options))}\n`);

  return {
    measure({ name, unit, value, dimensions }) {
      const key = JSON.stringify(dimensions);
      const set: MetricSet = sets.get(key) ?? { dimensions, metrics: new Map() };
      sets.set(key, set);
      const count = set.metrics.get(name)?.values.length;
      if (count === undefined ? set.metrics.size === MAX_METRICS : count === MAX_VALUES) {
        writeLine(set);
        set.metrics.clear();
      }
      const metric = set.metrics.get(name) ?? { unit, values: [] };
      set.metrics.set(name, metric);
      metric.values.push(value);
    },
    publish() {
      for (const set of sets.values()) writeLine(set);
      sets.clear();
    },
  };
}

function toEmfDocument(
  { dimensions, metrics }: MetricSet,
  { namespace, service, now }: EmbeddedMetricsOptions,
): object {
  const allDimensions = { service, ...dimensions };
  const directive = {
    Namespace: namespace,
    Dimensions: [Object.keys(allDimensions)],
    Metrics: Array.from(metrics, ([name, { unit }]) => ({ Name: name, Unit: unit })),
  };
  const values: Record<string, number | number[] | undefined> = {};
  for (const [name, metric] of metrics) {
    values[name] = metric.values.length === 1 ? metric.values[0] : metric.values;
  }
  return {
    _aws: { Timestamp: now().getTime(), CloudWatchMetrics: [directive] },
    ...allDimensions,
    ...values,
  };
}
