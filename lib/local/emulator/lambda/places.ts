/** A limited number of places; who finds none free waits, first come first served. */
export interface Places {
  /** Resolves when a place is taken, with the function that gives it back. */
  enter(): Promise<() => void>;
}

/** @param count how many can be inside at once */
export function createPlaces(count: number): Places {
  const waiting: (() => void)[] = [];
  let free = count;
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async enter() {
      if (free > 0) {
        free -= 1;
      } else {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      }
      return leave;
    },
  };
}
