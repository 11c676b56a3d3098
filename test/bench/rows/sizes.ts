import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageStack } from '../../support/packaged-stack.ts';
import { zipEntries } from '../../support/zip-entries.ts';
import type { Lab } from '../lab.ts';
import type { Row } from '../row.ts';

const KB = 1_024;
const BAR_KB = 250;

/** What is uploaded, as `sls package` makes it. */
export async function sizeRows({ say }: Lab): Promise<Row[]> {
  say('sls package ...');
  const { templateFile } = await packageStack();
  const row = async (name: string, bar: Row['bar']): Promise<Row> => {
    const zip = join(dirname(templateFile), `${name}.zip`);
    const { size } = await stat(zip);
    const files = [...zipEntries(await readFile(zip))];
    const kb = (bytes: number): string => `${Math.round(bytes / KB)} KB`;
    return {
      what: `${name}: zip`,
      measured: size / KB,
      unit: ' KB',
      bar,
      control: null,
      detail: files.map(([file, content]) => `${file} ${kb(content.length)}`).join(', '),
    };
  };
  return [await row('receive', { atMost: BAR_KB }), await row('fanOut', null)];
}
