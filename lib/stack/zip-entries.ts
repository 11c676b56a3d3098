import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;

/** Reads the files of a zip archive, by name (PKWARE APPNOTE; neither encrypted nor ZIP64). */
export function readZipEntries(archive: Buffer): ReadonlyMap<string, Buffer> {
  let end = archive.length - END_BYTES;
  while (archive.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  const entries = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = archive.readUInt16LE(at + 28);
    const extraLength = archive.readUInt16LE(at + 30);
    const commentLength = archive.readUInt16LE(at + 32);
    const name = archive.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const from =
      local + LOCAL_BYTES + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const packed = archive.subarray(from, from + archive.readUInt32LE(at + 20));
    const isStored = archive.readUInt16LE(at + 10) === STORED;
    entries.set(name, isStored ? packed : inflateRawSync(packed));
    at += ENTRY_BYTES + nameLength + extraLength + commentLength;
  }
  return entries;
}

/** Unpacks the archive at a path into a folder, which is removed after `use`. */
export async function withUnpacked<Value>(
  archive: string,
  use: (folder: string) => Promise<Value>,
): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), 'voucher-relay-load-'));
  try {
    for (const [name, content] of readZipEntries(await readFile(archive))) {
      if (name.endsWith('/')) continue;
      await mkdir(join(folder, dirname(name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
