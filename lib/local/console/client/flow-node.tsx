import type { ComponentChildren, CSSProperties, JSX } from 'preact';
import type { DestinationView, FlowNode, Level } from '../protocol.ts';
import { KIND_LABELS } from './queues.tsx';
import { ResponseSelect } from './response-select.tsx';
import type { Box } from './flow-geometry.ts';
import type { RouteStep } from './route-path.ts';
import { Sparkline } from './sparkline.tsx';
import { formatDuration, formatCount } from './format.ts';

/** The position of a node, and when the open webhook passed it. */
export interface BoxProps {
  readonly box: Box | undefined;
  readonly routeStep: RouteStep | undefined;
}

/** A node of the flow: its count, its last minutes, and its controls. */
export function FlowNodeBox(
  props: BoxProps & {
    readonly title: string;
    readonly unit: string;
    readonly node: FlowNode;
    readonly level?: Level;
    /** Opens the list of what it holds. */
    readonly onOpen?: () => void;
    readonly children?: ComponentChildren;
  },
): JSX.Element | null {
  const { box, title, unit, node, level = 'info', routeStep, onOpen, children } = props;
  if (box === undefined) return null;
  const shownLevel = node.count > 0 ? level : 'info';
  return (
    <div
      class={getNodeClass(shownLevel, routeStep)}
      style={toStyle(box)}
      role="group"
      aria-label={title}
    >
      <div class="node-head">
        <h2>
          {onOpen === undefined ? (
            title
          ) : (
            <button type="button" class="plain" title={`${title}: open the list`} onClick={onOpen}>
              {title}
            </button>
          )}
        </h2>
        {routeStep === undefined ? (
          <Sparkline series={node.series} />
        ) : (
          <RouteStepTime routeStep={routeStep} />
        )}
      </div>
      <div class="node-foot">
        <strong>{formatCount(node.count)}</strong> <span class="unit">{unit}</span>
        {children}
      </div>
    </div>
  );
}

/** A destination: what it was delivered, what is on its queue, and how it responds. */
export function DestinationBox({
  box,
  routeStep,
  view,
  onOpen,
}: BoxProps & {
  readonly view: DestinationView;
  readonly onOpen: () => void;
}): JSX.Element | null {
  if (box === undefined) return null;
  const { name, kind, responseChoice, delivered, waiting, series, circuit, pausedAt } = view;
  const isMarked = pausedAt !== null || circuit !== 'closed' || waiting > 0;
  const isFailing = responseChoice !== null && responseChoice !== 'ok';
  return (
    <div
      class={getNodeClass(isFailing ? 'error' : 'info', routeStep)}
      style={toStyle(box)}
      role="group"
      aria-label={`Destination ${name}`}
    >
      <div class="node-head">
        <h2>
          <button type="button" class="plain" title={`${name}: open its queue`} onClick={onOpen}>
            {name}
          </button>
        </h2>
        {pausedAt !== null && <span class="tag warn">paused</span>}
        {circuit !== 'closed' && <span class="tag error">circuit {circuit}</span>}
        {waiting > 0 && (
          <span class="waiting" title="Deliveries on the queue of this destination">
            {formatCount(waiting)} waiting
          </span>
        )}
        {routeStep === undefined ? (
          !isMarked && <Sparkline series={series} />
        ) : (
          <RouteStepTime routeStep={routeStep} />
        )}
      </div>
      <div class="node-foot">
        <strong>{formatCount(delivered)}</strong> <span class="unit">delivered</span>
        {responseChoice === null ? (
          <span class="unit align-end">{kind === null ? '' : KIND_LABELS[kind]}</span>
        ) : (
          <ResponseSelect destination={name} responseChoice={responseChoice} />
        )}
      </div>
    </div>
  );
}

function RouteStepTime({ routeStep }: { readonly routeStep: RouteStep }): JSX.Element {
  return <span class={`route-time ${routeStep.level}`}>+{formatDuration(routeStep.afterMs)}</span>;
}

function getNodeClass(level: Level, routeStep: RouteStep | undefined): string {
  return `node ${level}${routeStep === undefined ? '' : ` on-route on-route-${routeStep.level}`}`;
}

function toStyle({ x, y, width, height }: Box): CSSProperties {
  return { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
}
