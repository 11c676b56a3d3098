import type { JSX } from 'preact';

const WIDTH = 60;
const HEIGHT = 18;

/** A bar chart of the last five minutes. It is hidden from screen readers: the count is next to it. */
export function Sparkline({ series }: { readonly series: readonly number[] }): JSX.Element {
  const highest = Math.max(1, ...series);
  const bars = series
    .map((count, step) => {
      const height = count === 0 ? 0 : Math.max(1.5, (count / highest) * HEIGHT);
      return height === 0 ? '' : `M${step + 0.5} ${HEIGHT}v${-height}`;
    })
    .join('');
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      <path class="baseline" d={`M0 ${HEIGHT - 0.25}H${WIDTH}`} />
      <path class="bars" d={bars} />
    </svg>
  );
}
