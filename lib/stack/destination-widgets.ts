import type { Monitoring } from './destination-alarms.ts';
import type { PlannedDestination } from './plan-destinations.ts';

const WIDTH = 6;
const HEIGHT = 6;

/**
 * Returns the row of a destination on the dashboard: how many deliveries wait, for how long, the results
 * of its attempts, and whether the circuit is open.
 * @param y the row's position on CloudWatch's grid
 */
export function toWidgets(
  { name, queueName }: PlannedDestination,
  { namespace, service }: Monitoring,
  y: number,
): { readonly height: number; readonly widgets: readonly object[] } {
  const ours = (metric: string, options: object): unknown[] => [
    namespace,
    metric,
    'service',
    service,
    'destination',
    name,
    options,
  ];
  const queues = (metric: string, options: object): unknown[] => [
    'AWS/SQS',
    metric,
    'QueueName',
    queueName,
    options,
  ];
  const chart = (
    column: number,
    title: string,
    stat: 'Sum' | 'Maximum',
    metrics: readonly unknown[],
    axis: object = {},
  ): object => ({
    type: 'metric',
    x: column * WIDTH,
    y,
    width: WIDTH,
    height: HEIGHT,
    properties: {
      title: `${name}: ${title}`,
      region: '${AWS::Region}',
      view: 'timeSeries',
      stat,
      period: 300,
      yAxis: { left: { min: 0, ...axis } },
      metrics,
    },
  });
  const widgets = [
    chart(0, 'deliveries in its queue', 'Maximum', [
      queues('ApproximateNumberOfMessagesVisible', { label: 'ready' }),
      queues('ApproximateNumberOfMessagesNotVisible', {
        label: 'in progress or waiting',
      }),
    ]),
    chart(
      1,
      'age of the oldest delivery',
      'Maximum',
      [
        ours('OldestDeliveryAge', { id: 'received', visible: false, label: 'ms' }),
        [{ expression: 'received / 1000', label: 'received by fanOut' }],
        queues('ApproximateAgeOfOldestMessage', { label: 'by SQS' }),
      ],
      { label: 's', showUnits: false },
    ),
    chart(2, 'deliveries and attempts', 'Sum', [
      ours('DeliveryDelivered', { label: 'delivered' }),
      ours('DeliveryFailed', { label: 'attempt failed' }),
      ours('DeliveryRefused', { label: 'not now (429)' }),
      ours('DeliveryDead', { label: 'given up' }),
    ]),
    chart(3, 'circuit', 'Sum', [ours('CircuitOpen', { label: 'invocations while it is open' })]),
  ];
  return { height: HEIGHT, widgets };
}
