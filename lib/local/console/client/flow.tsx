import type { ComponentChildren, CSSProperties, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DestinationView, FlowView, Opened, Station } from '../wire.ts';
import { BehaviourChoice } from './behaviour-choice.tsx';
import { type Box, type Edge, geometry } from './flow-geometry.ts';
import { type Followed, followedWay } from './followed.ts';
import { PutBack } from './put-back.tsx';
import { Spark } from './spark.tsx';
import { duration, grouped } from './times.ts';

/** The flow as a picture: live counts, the last minutes, and the way of the webhook that is open. */
export function Flow(props: {
  readonly flow: FlowView;
  readonly opened: Opened | null;
}): JSX.Element {
  const { flow, opened } = props;
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const names = flow.destinations.map(({ name }) => name);
  const { boxes, edges, height } = geometry(width, names);
  const followed = opened === null ? null : followedWay(opened);
  const box = (id: string): BoxProps => ({ box: boxes.get(id), followed: followed?.get(id) });
  const isOn = (edge: Edge): boolean =>
    followed !== null && followed.has(edge.from) && followed.has(edge.to) && !edge.back;
  return (
    <section class="flow" aria-label="The flow">
      <div
        ref={place}
        class={followed === null ? 'canvas' : 'canvas following'}
        style={{ height: `${height}px` }}
      >
        <svg width={width} height={height} class="edges" aria-hidden>
          <defs>
            <marker
              id="tip"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M0 .8 7 4 0 7.2" />
            </marker>
          </defs>
          {edges.map((edge) => (
            <path
              key={`${edge.from} ${edge.to}`}
              d={edge.path}
              class={edgeClass(edge, isOn(edge), isBusy(flow, edge))}
              marker-end="url(#tip)"
            />
          ))}
        </svg>
        <Node {...box('endpoint')} title="Endpoint" unit="webhooks" station={flow.endpoint}>
          {flow.refused > 0 && <span class="bad">{grouped(flow.refused)} refused</span>}
        </Node>
        <Node {...box('records')} title="Records" unit="on the queue" station={flow.records} />
        <Node {...box('fanOut')} title="fanOut" unit="batches" station={flow.fanOut} />
        <Node
          {...box('quarantine')}
          title="Quarantine"
          unit="waiting"
          station={flow.quarantine}
          tone="warning"
        >
          <PutBack from="quarantine" count={flow.quarantine.count} />
        </Node>
        <Node
          {...box('retries')}
          title="Retries"
          unit="waiting"
          station={flow.retries}
          tone="warning"
        />
        <Node
          {...box('deadLetters')}
          title="Dead letters"
          unit="given up"
          station={flow.deadLetters}
          tone="bad"
        >
          <PutBack from="dead-letters" count={flow.deadLetters.count} />
        </Node>
        {flow.destinations.map((destination) => (
          <Destination
            key={destination.name}
            {...box(`to:${destination.name}`)}
            view={destination}
          />
        ))}
      </div>
    </section>
  );
}

interface BoxProps {
  readonly box: Box | undefined;
  readonly followed: Followed | undefined;
}

function Node(
  props: BoxProps & {
    readonly title: string;
    readonly unit: string;
    readonly station: Station;
    readonly tone?: 'warning' | 'bad';
    readonly children?: ComponentChildren;
  },
): JSX.Element | null {
  const { box, title, unit, station, tone = 'plain', followed, children } = props;
  if (box === undefined) return null;
  const lively = station.count > 0 && tone !== 'plain' ? tone : 'plain';
  return (
    <div class={nodeClass(lively, followed)} style={styleOf(box)} role="group" aria-label={title}>
      <div class="node-head">
        <h2>{title}</h2>
        {followed === undefined ? <Spark series={station.series} /> : <Step followed={followed} />}
      </div>
      <div class="node-foot">
        <strong>{grouped(station.count)}</strong> <span class="unit">{unit}</span>
        {children}
      </div>
    </div>
  );
}

function Destination({
  box,
  followed,
  view,
}: BoxProps & { readonly view: DestinationView }): JSX.Element | null {
  if (box === undefined) return null;
  const { name, behaviour, delivered, waiting, series } = view;
  const broken = behaviour !== null && behaviour !== 'ok';
  return (
    <div
      class={nodeClass(broken ? 'bad' : 'plain', followed)}
      style={styleOf(box)}
      role="group"
      aria-label={`Destination ${name}`}
    >
      <div class="node-head">
        <h2>{name}</h2>
        {waiting > 0 && <span class="waiting">{grouped(waiting)} waiting</span>}
        {followed === undefined ? <Spark series={series} /> : <Step followed={followed} />}
      </div>
      <div class="node-foot">
        <strong>{grouped(delivered)}</strong> <span class="unit">delivered</span>
        {behaviour === null ? (
          <span class="unit end">queue</span>
        ) : (
          <BehaviourChoice destination={name} behaviour={behaviour} />
        )}
      </div>
    </div>
  );
}

function Step({ followed }: { readonly followed: Followed }): JSX.Element {
  return <span class={`step ${followed.tone}`}>+{duration(followed.afterMs)}</span>;
}

function nodeClass(tone: string, followed: Followed | undefined): string {
  return `node ${tone}${followed === undefined ? '' : ` on on-${followed.tone}`}`;
}

function edgeClass(edge: Edge, on: boolean, busy: boolean): string {
  return ['edge', edge.back && 'back', on && 'on', busy && 'busy'].filter(Boolean).join(' ');
}

/** Something went this way in the last seconds. */
function isBusy(flow: FlowView, { to, from, back }: Edge): boolean {
  if (back) return false;
  const destination = flow.destinations.find(({ name }) => `to:${name}` === to);
  const series = destination?.series ?? stationOf(flow, from === 'fanOut' ? to : to)?.series ?? [];
  return series.slice(-2).some((count) => count > 0);
}

function stationOf(flow: FlowView, id: string): Station | undefined {
  return new Map<string, Station>([
    ['records', flow.records],
    ['fanOut', flow.fanOut],
    ['quarantine', flow.quarantine],
    ['retries', flow.retries],
    ['deadLetters', flow.deadLetters],
  ]).get(id);
}

function styleOf({ x, y, width, height }: Box): CSSProperties {
  return { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
}

function useWidth(place: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}
