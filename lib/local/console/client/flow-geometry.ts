/** The position and size of a node, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The positions of all nodes and edges. */
export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
  readonly edges: readonly Edge[];
}

/** An edge between two nodes. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** The data of an SVG path. */
  readonly path: string;
  /** It leads messages back into the flow: a replay. */
  readonly isBackward: boolean;
}

const MIN_WIDE_WIDTH = 860;
const BOX_HEIGHT = 68;
const GAP = 10;
const ROW_GAP = 30;
/** Up to so many destinations have their nodes beside the middle of the flow. */
const MAX_CENTRED_ROWS = 3;
/** Beside a longer column: so low that quarantine and dead letters are seen without scrolling. */
const LONG_UPPER_ROWS = 2;

/** Lays out the flow: from left to right in a wide window, from top to bottom in a narrow one. */
export function layOutFlow(width: number, destinations: readonly string[]): Geometry {
  return width >= MIN_WIDE_WIDTH
    ? layOutWide(width, destinations)
    : layOutNarrow(width, destinations);
}

function layOutWide(width: number, destinations: readonly string[]): Geometry {
  const boxWidth = Math.min(250, Math.max(176, (width - 3 * 56) / 4));
  const columnStep = (width - boxWidth) / 3;
  const rowCount = Math.max(1, destinations.length);
  const columnHeight = (rows: number): number => rows * BOX_HEIGHT + (rows - 1) * GAP;
  // many destinations make a long column, beside which everything else stays together at the top
  const isLong = rowCount > MAX_CENTRED_ROWS;
  const upperHeight = columnHeight(isLong ? LONG_UPPER_ROWS : rowCount);
  const mainY = (upperHeight - BOX_HEIGHT) / 2;
  const lowerY = upperHeight + ROW_GAP;
  const boxAt = (column: number, y: number): Box => ({
    x: column * columnStep,
    y,
    width: boxWidth,
    height: BOX_HEIGHT,
  });
  const boxes = new Map([
    ['endpoint', boxAt(0, mainY)],
    ['records', boxAt(1, mainY)],
    ['fanOut', boxAt(2, mainY)],
    ['quarantine', boxAt(0, lowerY)],
    ['deadLetters', boxAt(isLong ? 2 : 3, lowerY)],
    ...destinations.map((name, index): [string, Box] => [
      `to:${name}`,
      boxAt(3, index * (BOX_HEIGHT + GAP)),
    ]),
  ]);
  const connect = createConnector(boxes);
  const edges: Edge[] = [
    connect('endpoint', 'records', drawAcross),
    connect('records', 'fanOut', drawAcross),
    connect('endpoint', 'quarantine', drawDown),
    connect('quarantine', 'records', drawBack, true),
    connect('fanOut', 'deadLetters', isLong ? drawDown : drawAcross),
    ...destinations.map((name) => connect('fanOut', `to:${name}`, drawAcross)),
  ];
  const height = Math.max(lowerY + BOX_HEIGHT, columnHeight(rowCount));
  return { width, height, boxes, edges };
}

function layOutNarrow(width: number, destinations: readonly string[]): Geometry {
  const gap = 18;
  const inset = 10;
  const boxWidth = (width - gap - inset) / 2;
  const boxAt = (column: number, row: number): Box => ({
    x: inset + column * (boxWidth + gap),
    y: row * (BOX_HEIGHT + 18),
    width: boxWidth,
    height: BOX_HEIGHT,
  });
  const boxes = new Map([
    ['endpoint', boxAt(0, 0)],
    ['quarantine', boxAt(1, 0)],
    ['records', boxAt(0, 1)],
    ['fanOut', boxAt(0, 2)],
    ['deadLetters', boxAt(1, 2)],
    // a name, its marks and a select need the whole width
    ...destinations.map((name, index): [string, Box] => [
      `to:${name}`,
      { ...boxAt(0, 3 + index), width: width - inset },
    ]),
  ]);
  const connect = createConnector(boxes);
  const edges: Edge[] = [
    connect('endpoint', 'records', drawDown),
    connect('records', 'fanOut', drawDown),
    connect('endpoint', 'quarantine', drawAcross),
    connect('quarantine', 'records', drawBack, true),
    connect('fanOut', 'deadLetters', drawAcross),
    ...destinations.map((name) => connect('fanOut', `to:${name}`, drawAlongLeft)),
  ];
  const rows = 3 + destinations.length;
  return { width, height: rows * (BOX_HEIGHT + 18) - 18, boxes, edges };
}

type DrawPath = (a: Box, b: Box) => string;

function createConnector(boxes: ReadonlyMap<string, Box>) {
  return (from: string, to: string, draw: DrawPath, isBackward = false): Edge => {
    const [a, b] = [boxes.get(from), boxes.get(to)];
    return { from, to, isBackward, path: a === undefined || b === undefined ? '' : draw(a, b) };
  };
}

/** From the right side of `a` to the left side of `b`. */
const drawAcross: DrawPath = (a, b) => {
  const [x1, y1, x2, y2] = [a.x + a.width, a.y + a.height / 2, b.x, b.y + b.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
};
/** From the lower side of `a` to the upper side of `b`. */
const drawDown: DrawPath = (a, b) => {
  const x = a.x + a.width / 2;
  return `M${x} ${a.y + a.height}V${b.y}`;
};
/** A curve back to an earlier node that is higher or lower. */
const drawBack: DrawPath = (a, b) => {
  const left = b.x > a.x;
  const x1 = left ? a.x + a.width : a.x + a.width / 2;
  const y1 = left ? a.y + a.height / 2 : a.y + a.height;
  const x2 = left ? b.x + b.width / 2 : b.x + b.width;
  const y2 = left ? b.y + b.height : b.y + b.height / 2;
  return left
    ? `M${x1} ${y1}C${x2} ${y1} ${x2} ${y1} ${x2} ${y2}`
    : `M${x1} ${y1}C${x1} ${y2} ${x1} ${y2} ${x2} ${y2}`;
};
/** Along the left margin, for nodes below one another. */
const drawAlongLeft: DrawPath = (a, b) => {
  const x = a.x - 8;
  const [y1, y2] = [a.y + a.height / 2, b.y + b.height / 2];
  return `M${a.x} ${y1}Q${x} ${y1} ${x} ${y1 + 8}V${y2 - 8}Q${x} ${y2} ${b.x} ${y2}`;
};
