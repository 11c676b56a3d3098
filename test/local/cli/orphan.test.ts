import { expect, test } from 'vitest';
import { whenOrphaned } from '../../../lib/local/cli/orphan.ts';

test('a process whose parent has ended is an orphan, and not before', async () => {
  const parents = [7, 7, 7, 1];
  let looks = 0;
  await whenOrphaned(() => parents[looks++] ?? 1, 1);
  expect(looks).toBe(4);
});
