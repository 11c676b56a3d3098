import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Measurement } from './metrics.ts';

/** Metrics that wait for the end of an invocation. */
export interface EmbeddedMetrics {
  readonly measure: (measurement: Measurement) => void;
  /** Writes everything measured since the last time: a line for each set of dimensions in use. */
  readonly publish: () => void;
}

/**
 * CloudWatch metrics as lines of the log (embedded metric format), which cost no call: the line of the
 * service itself, and one for each destination or reason. Dimensions are default ones in Powertools'
 * words, one instance a set, because it forgets all others whenever it has written a line, which it
 * does by itself when a hundred values of a metric have come together.
 * @param namespace of the metrics in CloudWatch
 * @param serviceName the dimension `service` of all of them
 */
export function createEmbeddedMetrics(namespace: string, serviceName: string): EmbeddedMetrics {
  const sets = new Map<string, Metrics>();
  return {
    measure({ name, unit, value, dimensions }) {
      const key = JSON.stringify(dimensions);
      const set =
        sets.get(key) ?? new Metrics({ namespace, serviceName, defaultDimensions: dimensions });
      sets.set(key, set);
      set.addMetric(name, unit, value);
    },
    publish() {
      for (const set of sets.values()) {
        // Powertools warns about a line without metrics
        if (set.hasStoredMetrics()) set.publishStoredMetrics();
      }
    },
  };
}
