import type { JSX } from 'preact';

const WIDTH = 60;
const HEIGHT = 18;

/** A small plot of the last five minutes. The numbers beside it say the same in words. */
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
