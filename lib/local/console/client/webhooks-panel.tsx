import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { type FilterState, FilterStateSchema } from '../commands.ts';
import type { Row } from '../protocol.ts';
import { formatCount } from './format.ts';
import { hasId, type LinkedFilter, NO_FILTER, type Tab } from './route.ts';
import { useCommand } from './toast.ts';
import { isEmptyFilter, useSearch } from './use-search.ts';
import { WebhookList } from './webhook-list.tsx';

const MAX_ROWS = 1_000;
const STATE_LABELS: Readonly<Record<FilterState, string>> = {
  delivered: 'a delivery delivered',
  waiting: 'a delivery waiting',
  dead: 'a dead letter',
  quarantined: 'quarantined',
  rejected: 'rejected',
};

/** The webhooks, newest first, with the search and the filter above them. */
export function WebhooksPanel(props: {
  readonly rows: readonly Row[];
  readonly openId: string | null;
  readonly filter: LinkedFilter;
  readonly onFilter: (filter: LinkedFilter) => void;
  readonly onOpen: (key: string) => void;
  readonly onTab: (tab: Tab) => void;
}): JSX.Element {
  const { rows, openId, filter, onFilter, onOpen, onTab } = props;
  const command = useCommand();
  const [text, setText] = useState('');
  const [isExpanded, setIsExpanded] = useState(false);
  const found = useSearch({ text, ...filter }, rows);
  const isFiltered = !isEmptyFilter({ text, ...filter });
  const hasChoice = !isEmptyFilter({ text: '', ...filter });
  const isShown = isExpanded || hasChoice;
  const clear = (): void => {
    setText('');
    onFilter(NO_FILTER);
  };
  const openKey = rows.find((row) => hasId(row, openId))?.key ?? null;
  return (
    <section class="webhooks" aria-label="Webhooks">
      <header class="panel-bar webhooks-bar">
        <h2>Webhooks</h2>
        <span class="muted" role="status">
          {isFiltered
            ? `${formatCount(found.length)} of ${formatCount(rows.length)}`
            : rows.length === MAX_ROWS && 'newest 1,000'}
        </span>
        <input
          type="search"
          aria-label="Search"
          placeholder="Customer, code, distribution, id"
          title="A part of an id, a name, a distribution or an e-mail address, or a whole code"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="button" aria-expanded={isShown} onClick={() => setIsExpanded(!isShown)}>
          Filter
        </button>
        <button type="button" class="narrow-only" onClick={() => onTab('queues')}>
          Queues
        </button>
        <button type="button" class="primary" onClick={() => onTab('send')}>
          Send a webhook
        </button>
      </header>
      {isShown && (
        <div class="filter-bar" role="group" aria-label="Filter">
          <FilterSelect
            label="Event"
            any="any event"
            value={filter.event}
            values={listValues(rows.map(({ event }) => event))}
            onValue={(event) => onFilter({ ...filter, event })}
          />
          <FilterSelect
            label="Distribution"
            any="any distribution"
            value={filter.distribution}
            values={listValues(rows.map(({ distribution }) => distribution))}
            onValue={(distribution) => onFilter({ ...filter, distribution })}
          />
          <FilterSelect
            label="State"
            any="any state"
            value={filter.state}
            values={FilterStateSchema.options}
            labels={STATE_LABELS}
            onValue={(state) =>
              onFilter({ ...filter, state: v.parse(v.nullable(FilterStateSchema), state) })
            }
          />
          <button
            type="button"
            class="small"
            title="Removes the webhooks from this list and from .local/console-history.json"
            onClick={() => void command('/console/clear', {})}
          >
            Clear list
          </button>
        </div>
      )}
      {found.length > 0 ? (
        <WebhookList rows={found} openKey={openKey} onOpen={onOpen} />
      ) : (
        <EmptyList isFiltered={isFiltered} onClear={clear} />
      )}
    </section>
  );
}

/** A select with one value more than there are: none. A value of a link that nothing has yet is listed, too. */
function FilterSelect(props: {
  readonly label: string;
  readonly any: string;
  readonly value: string | null;
  readonly values: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly onValue: (value: string | null) => void;
}): JSX.Element {
  const { label, any, value, values, labels = {}, onValue } = props;
  const listed = value === null || values.includes(value) ? values : [...values, value];
  return (
    <select
      class="small"
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onValue(event.currentTarget.value || null)}
    >
      <option value="">{any}</option>
      {listed.map((each) => (
        <option key={each} value={each}>
          {labels[each] ?? each}
        </option>
      ))}
    </select>
  );
}

function listValues(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null))].sort();
}

function EmptyList(props: {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}): JSX.Element {
  if (props.isFiltered)
    return (
      <div class="empty">
        <p>
          <b>No webhook matches</b>
        </p>
        <p>
          <button type="button" class="small" onClick={props.onClear}>
            Clear the search and the filter
          </button>
        </p>
      </div>
    );
  return (
    <div class="empty">
      <p>
        <b>No webhooks yet</b>
      </p>
      <p>
        Send a sample here, or from a terminal: <code>npm run send -- events/promotion.json</code>
      </p>
    </div>
  );
}
