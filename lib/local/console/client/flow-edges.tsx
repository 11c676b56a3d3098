import type { JSX } from 'preact';
import type { FlowView } from '../protocol.ts';
import type { Edge } from './flow-geometry.ts';
import type { RouteStep } from './route-path.ts';

/** The edges between nodes. Edges with recent traffic and the route of the open webhook are highlighted. */
export function Edges(props: {
  readonly edges: readonly Edge[];
  readonly size: { readonly width: number; readonly height: number };
  readonly flow: FlowView;
  readonly routePath: ReadonlyMap<string, RouteStep> | null;
}): JSX.Element {
  const { edges, size, flow, routePath } = props;
  const isHighlighted = (edge: Edge): boolean =>
    routePath !== null && routePath.has(edge.from) && routePath.has(edge.to) && !edge.isBackward;
  return (
    <svg {...size} class="edges" aria-hidden>
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
          class={getEdgeClass(edge, isHighlighted(edge), hasTraffic(flow, edge))}
          marker-end="url(#tip)"
        />
      ))}
    </svg>
  );
}

function getEdgeClass(edge: Edge, highlighted: boolean, isActive: boolean): string {
  return ['edge', edge.isBackward && 'backward', highlighted && 'on-route', isActive && 'active']
    .filter(Boolean)
    .join(' ');
}

/** Whether a message passed this edge in the last ten seconds. */
function hasTraffic(flow: FlowView, { to, isBackward }: Edge): boolean {
  if (isBackward) return false;
  return getSeries(flow, to)
    .slice(-2)
    .some((count) => count > 0);
}

/** The time series of a node. */
function getSeries({ destinations, ...nodes }: FlowView, id: string): readonly number[] {
  const destination = destinations.find(({ name }) => `to:${name}` === id);
  if (destination !== undefined) return destination.series;
  const { records, fanOut, quarantine, deadLetters } = nodes;
  const seriesByNode = new Map(Object.entries({ records, fanOut, quarantine, deadLetters }));
  return seriesByNode.get(id)?.series ?? [];
}
