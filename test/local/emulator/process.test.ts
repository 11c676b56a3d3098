import { expect, test } from 'vitest';
import { waitUntilOrphaned } from '../../../lib/local/emulator/process.ts';

test('a process is an orphan when its parent has ended, and not before', async () => {
  const parents = [7, 7, 7, 1];
  let polls = 0;
  await waitUntilOrphaned(() => parents[polls++] ?? 1, 1);
  expect(polls).toBe(4);
});
