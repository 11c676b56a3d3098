import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageStack } from '../../support/packaged-stack.ts';
import { readZipEntries } from '../../../lib/stack/zip-entries.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';

const KB = 1_024;
const MAX_KB = 250;

/** The size of what is uploaded, as `sls package` builds it. */
export async function measureSizes({ log }: Bench): Promise<BenchRow[]> {
  log('sls package ...');
  const { templateFile } = await packageStack();
  const row = async (name: string, target: BenchRow['target']): Promise<BenchRow> => {
    const zip = join(dirname(templateFile), `${name}.zip`);
    const { size } = await stat(zip);
    const files = [...readZipEntries(await readFile(zip))];
    const formatKb = (bytes: number): string => `${Math.round(bytes / KB)} KB`;
    return {
      label: `${name}: zip`,
      measured: size / KB,
      unit: ' KB',
      target,
      control: null,
      detail: files.map(([file, content]) => `${file} ${formatKb(content.length)}`).join(', '),
    };
  };
  return [await row('receive', { atMost: MAX_KB }), await row('fanOut', null)];
}
