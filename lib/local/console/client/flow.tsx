import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FlowView, Opened } from '../protocol.ts';
import { Edges } from './flow-edges.tsx';
import { geometry } from './flow-geometry.ts';
import { type BoxProps, Destination, Node } from './flow-node.tsx';
import { followedWay } from './route-path.ts';
import { PutBack } from './replay-button.tsx';
import { grouped } from './times.ts';

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
  return (
    <section class="flow" aria-label="The flow">
      <div
        ref={place}
        class={followed === null ? 'canvas' : 'canvas following'}
        style={{ height: `${height}px` }}
      >
        <Edges edges={edges} size={{ width, height }} flow={flow} followed={followed} />
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
