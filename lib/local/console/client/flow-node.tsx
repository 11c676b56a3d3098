import type { ComponentChildren, CSSProperties, JSX } from 'preact';
import type { DestinationView, Station } from '../protocol.ts';
import { BehaviourChoice } from './response-select.tsx';
import type { Box } from './flow-geometry.ts';
import type { Followed } from './route-path.ts';
import { Spark } from './sparkline.tsx';
import { duration, grouped } from './times.ts';

/** Where a part of the flow stands, and when the webhook that is followed passed it. */
export interface BoxProps {
  readonly box: Box | undefined;
  readonly followed: Followed | undefined;
}

/** A part of the flow: its count, its last minutes, and what can be done there. */
export function Node(
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

/** A destination: how often it was delivered to, who waits for it, how it answers. */
export function Destination({
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

function styleOf({ x, y, width, height }: Box): CSSProperties {
  return { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
}
