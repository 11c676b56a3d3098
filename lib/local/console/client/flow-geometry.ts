/** A box of the picture, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where every station and every connection is drawn. */
export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
  readonly edges: readonly Edge[];
}

/** A connection between two stations, as an SVG path. `back`: it leads back into the flow. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly path: string;
  readonly back: boolean;
}

const WIDE_FROM = 860;
const HEIGHT = 68;
const GAP = 10;
const ROW_GAP = 30;

/** Lays the flow out: left to right where there is room, from top to bottom where there is none. */
export function geometry(width: number, destinations: readonly string[]): Geometry {
  return width >= WIDE_FROM ? wide(width, destinations) : narrow(width, destinations);
}

function wide(width: number, destinations: readonly string[]): Geometry {
  const boxWidth = Math.min(250, Math.max(176, (width - 3 * 56) / 4));
  const step = (width - boxWidth) / 3;
  const column = Math.max(1, destinations.length);
  const upper = column * HEIGHT + (column - 1) * GAP;
  const main = (upper - HEIGHT) / 2;
  const lower = upper + ROW_GAP;
  const at = (place: number, y: number): Box => ({
    x: place * step,
    y,
    width: boxWidth,
    height: HEIGHT,
  });
  const boxes = new Map([
    ['endpoint', at(0, main)],
    ['records', at(1, main)],
    ['fanOut', at(2, main)],
    ['quarantine', at(0, lower)],
    ['retries', at(2, lower)],
    ['deadLetters', at(3, lower)],
    ...destinations.map((name, index): [string, Box] => [
      `to:${name}`,
      at(3, index * (HEIGHT + GAP)),
    ]),
  ]);
  const path = pathsBetween(boxes);
  const edges: Edge[] = [
    path('endpoint', 'records', across),
    path('records', 'fanOut', across),
    path('endpoint', 'quarantine', down(0)),
    path('quarantine', 'records', rise, true),
    path('fanOut', 'retries', down(-14)),
    path('retries', 'fanOut', up(14), true),
    path('fanOut', 'deadLetters', across),
    ...destinations.map((name) => path('fanOut', `to:${name}`, across)),
  ];
  return { width, height: lower + HEIGHT, boxes, edges };
}

function narrow(width: number, destinations: readonly string[]): Geometry {
  const gap = 18;
  const inset = 10;
  const boxWidth = (width - gap - inset) / 2;
  const at = (column: number, row: number): Box => ({
    x: inset + column * (boxWidth + gap),
    y: row * (HEIGHT + 18),
    width: boxWidth,
    height: HEIGHT,
  });
  const boxes = new Map([
    ['endpoint', at(0, 0)],
    ['quarantine', at(1, 0)],
    ['records', at(0, 1)],
    ['fanOut', at(0, 2)],
    ['retries', at(1, 2)],
    ['deadLetters', at(1, 3)],
    ...destinations.map((name, index): [string, Box] => [`to:${name}`, at(0, 3 + index)]),
  ]);
  const path = pathsBetween(boxes);
  const edges: Edge[] = [
    path('endpoint', 'records', down(0)),
    path('records', 'fanOut', down(0)),
    path('endpoint', 'quarantine', across),
    path('quarantine', 'records', rise, true),
    path('fanOut', 'retries', across),
    path('fanOut', 'deadLetters', across),
    ...destinations.map((name) => path('fanOut', `to:${name}`, aside)),
  ];
  const rows = Math.max(4, 3 + destinations.length);
  return { width, height: rows * (HEIGHT + 18) - 18, boxes, edges };
}

type Draw = (a: Box, b: Box) => string;

function pathsBetween(boxes: ReadonlyMap<string, Box>) {
  return (from: string, to: string, draw: Draw, back = false): Edge => {
    const [a, b] = [boxes.get(from), boxes.get(to)];
    return { from, to, back, path: a === undefined || b === undefined ? '' : draw(a, b) };
  };
}

/** From the right side to the left side. */
const across: Draw = (a, b) => {
  const [x1, y1, x2, y2] = [a.x + a.width, a.y + a.height / 2, b.x, b.y + b.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
};
/** From the lower side to the upper side, a little to the left or the right. */
const down =
  (shift: number): Draw =>
  (a, b) => {
    const x = a.x + a.width / 2 + shift;
    return `M${x} ${a.y + a.height}V${b.y}`;
  };
const up =
  (shift: number): Draw =>
  (a, b) => {
    const x = a.x + a.width / 2 + shift;
    return `M${x} ${a.y}V${b.y + b.height}`;
  };
/** From a box back to one that stands higher, or lower, on its other side. */
const rise: Draw = (a, b) => {
  const left = b.x > a.x;
  const x1 = left ? a.x + a.width : a.x + a.width / 2;
  const y1 = left ? a.y + a.height / 2 : a.y + a.height;
  const x2 = left ? b.x + b.width / 2 : b.x + b.width;
  const y2 = left ? b.y + b.height : b.y + b.height / 2;
  return left
    ? `M${x1} ${y1}C${x2} ${y1} ${x2} ${y1} ${x2} ${y2}`
    : `M${x1} ${y1}C${x1} ${y2} ${x1} ${y2} ${x2} ${y2}`;
};
/** Along the left margin, for boxes below one another. */
const aside: Draw = (a, b) => {
  const x = a.x - 8;
  const [y1, y2] = [a.y + a.height / 2, b.y + b.height / 2];
  return `M${a.x} ${y1}Q${x} ${y1} ${x} ${y1 + 8}V${y2 - 8}Q${x} ${y2} ${b.x} ${y2}`;
};
