/** One line of the table. */
export interface BenchRow {
  readonly label: string;
  readonly measured: number;
  readonly unit: '' | ' KB' | ' %' | ' ms' | ' calls';
  /** Null where there is none. */
  readonly target: { readonly atMost: number } | { readonly atLeast: number } | null;
  /** The same thing against inline: how much the figure is worth on this machine. */
  readonly control: number | null;
  /** What was measured, in a few words. */
  readonly detail: string;
}

/** Whether the figure is within its bar; null without one. */
export function meetsTarget({ measured, target }: BenchRow): boolean | null {
  if (target === null) return null;
  return 'atMost' in target ? measured <= target.atMost : measured >= target.atLeast;
}
