import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FlowView, WebhookDetails } from '../protocol.ts';
import { Edges } from './flow-edges.tsx';
import { layOutFlow } from './flow-geometry.ts';
import { type BoxProps, DestinationBox, FlowNodeBox } from './flow-node.tsx';
import { toRoutePath } from './route-path.ts';
import type { Tab } from './route.ts';
import { ReplayButton } from './replay-button.tsx';
import { formatCount } from './format.ts';

/** The pipeline as a diagram: live counts, the last minutes, and the route of the open webhook. */
export function Flow(props: {
  readonly flow: FlowView;
  readonly details: WebhookDetails | null;
  /** Opens the list that is behind a node. */
  readonly onTab: (tab: Tab) => void;
}): JSX.Element {
  const { flow, details, onTab } = props;
  const container = useRef<HTMLDivElement>(null);
  const width = useWidth(container);
  const names = flow.destinations.map(({ name }) => name);
  const { boxes, edges, height } = layOutFlow(width, names);
  const routePath = details === null ? null : toRoutePath(details);
  const boxProps = (id: string): BoxProps => ({
    box: boxes.get(id),
    routeStep: routePath?.get(id),
  });
  return (
    <section class="flow" aria-label="Pipeline" tabIndex={0}>
      <div
        ref={container}
        class={routePath === null ? 'canvas' : 'canvas has-route'}
        style={{ height: `${height}px` }}
      >
        <Edges edges={edges} size={{ width, height }} flow={flow} routePath={routePath} />
        <FlowNodeBox
          {...boxProps('endpoint')}
          title="Endpoint"
          unit="webhooks"
          node={flow.endpoint}
        >
          {flow.rejected > 0 && <span class="error">{formatCount(flow.rejected)} rejected</span>}
        </FlowNodeBox>
        <FlowNodeBox
          {...boxProps('records')}
          title="Records"
          unit="in the queue"
          node={flow.records}
        />
        <FlowNodeBox {...boxProps('fanOut')} title="fanOut" unit="batches" node={flow.fanOut} />
        <FlowNodeBox
          {...boxProps('quarantine')}
          title="Quarantine"
          unit="waiting"
          node={flow.quarantine}
          level="warn"
          onOpen={() => onTab('quarantine')}
        >
          {flow.quarantine.count > 0 && <ReplayButton from="quarantine" />}
        </FlowNodeBox>
        <FlowNodeBox
          {...boxProps('deadLetters')}
          title="Dead letters"
          unit="given up"
          node={flow.deadLetters}
          level="error"
          onOpen={() => onTab('dead-letters')}
        >
          {flow.deadLetters.count > 0 && <ReplayButton from="dead-letters" />}
        </FlowNodeBox>
        {flow.destinations.map((destination) => (
          <DestinationBox
            key={destination.name}
            {...boxProps(`to:${destination.name}`)}
            view={destination}
            onOpen={() => onTab('queues')}
          />
        ))}
      </div>
    </section>
  );
}

function useWidth(container: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [container]);
  return width;
}
