import type { JSX } from 'preact';
import type { FlowView } from '../protocol.ts';
import type { Edge } from './flow-geometry.ts';
import type { Followed } from './route-path.ts';

/** The ways between the parts of the flow; those that were taken a moment ago, or by the webhook that is followed, stand out. */
export function Edges(props: {
  readonly edges: readonly Edge[];
  readonly size: { readonly width: number; readonly height: number };
  readonly flow: FlowView;
  readonly followed: ReadonlyMap<string, Followed> | null;
}): JSX.Element {
  const { edges, size, flow, followed } = props;
  const isOn = (edge: Edge): boolean =>
    followed !== null && followed.has(edge.from) && followed.has(edge.to) && !edge.back;
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
          class={edgeClass(edge, isOn(edge), isBusy(flow, edge))}
          marker-end="url(#tip)"
        />
      ))}
    </svg>
  );
}

function edgeClass(edge: Edge, on: boolean, busy: boolean): string {
  return ['edge', edge.back && 'back', on && 'on', busy && 'busy'].filter(Boolean).join(' ');
}

/** Something went this way in the last seconds. */
function isBusy(flow: FlowView, { to, back }: Edge): boolean {
  if (back) return false;
  return seriesAt(flow, to)
    .slice(-2)
    .some((count) => count > 0);
}

/** The last minutes of the part of the flow that a way leads to. */
function seriesAt({ destinations, ...stations }: FlowView, id: string): readonly number[] {
  const destination = destinations.find(({ name }) => `to:${name}` === id);
  if (destination !== undefined) return destination.series;
  const { records, fanOut, quarantine, retries, deadLetters } = stations;
  const station = new Map(Object.entries({ records, fanOut, quarantine, retries, deadLetters }));
  return station.get(id)?.series ?? [];
}
