/** One row of the table. */
export interface BenchRow {
  readonly label: string;
  readonly measured: number;
  readonly unit: '' | ' KB' | ' %' | ' ms' | ' calls';
  /** Null: the row has no target. */
  readonly target: { readonly atMost: number } | { readonly atLeast: number } | null;
  /** The same work measured twice and divided: how far it is from 1 is the noise of `measured`. Null: not measured. */
  readonly control: number | null;
  /** The figures behind `measured`. */
  readonly detail: string;
}

/** Whether the figure meets its target; null without one. */
export function meetsTarget({ measured, target }: BenchRow): boolean | null {
  if (target === null) return null;
  return 'atMost' in target ? measured <= target.atMost : measured >= target.atLeast;
}
