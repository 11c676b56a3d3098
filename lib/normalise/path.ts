/** Where something stands in the body: the keys from its root, as the sender wrote them. */
export type Path = readonly (string | number)[];

/** The dotted form that issues and warnings carry, for example `data.voucher.code`. */
export function formatPath(path: Path): string {
  return path.join('.');
}
