import { describe, expect, it } from 'vitest';
import { OperatorRequestError, parseRequest } from '../../lib/operator/request.ts';

const MAPPINGS = new Map([['berths', null]]);
const deadLetters = { command: 'replay', from: 'dead-letters' };
const quarantine = { command: 'replay', from: 'quarantine' };
const search = { command: 'search-queue', from: 'dead-letters', texts: ['QUAY-1'] };
const run = { startedAt: '2026-03-06T08:00:00.000Z', moved: 0, failed: 0, held: 0 };

describe("an operator's request", () => {
  it('asks for everything when it says nothing else', () => {
    expect(parseRequest(deadLetters, MAPPINGS)).toEqual({
      ...deadLetters,
      ids: null,
      reasons: null,
      destination: null,
      as: null,
      since: null,
      until: null,
      limit: null,
      dryRun: false,
      continuation: null,
    });
    expect(parseRequest(quarantine, MAPPINGS)).toEqual({
      ...quarantine,
      ids: null,
      reasons: null,
      acceptLate: false,
      since: null,
      until: null,
      limit: null,
      dryRun: false,
      continuation: null,
    });
  });

  it.each<[object | string, string]>([
    [{}, 'command'],
    ['replay', 'the request'],
    [{ command: 'replace' }, 'command'],
    [{ command: 'replay' }, 'from'],
    [{ command: 'replay', from: 'elsewhere' }, 'from'],
    [{ ...quarantine, limit: 0 }, 'limit'],
    [{ ...deadLetters, limit: -1 }, 'limit'],
    [{ ...deadLetters, limit: 1.5 }, 'limit'],
    [{ ...deadLetters, limit: '10' }, 'limit'],
    [{ ...deadLetters, dryRun: 'true' }, 'dryRun'],
    [{ ...deadLetters, dryRun: 1 }, 'dryRun'],
    [{ ...deadLetters, since: 'yesterday' }, 'since'],
    [{ ...deadLetters, since: '1' }, 'since'],
    [{ ...deadLetters, since: '01/02/2026' }, 'since'],
    [{ ...deadLetters, since: '2026-02-30' }, 'since'],
    [{ ...deadLetters, until: '2026-13-01' }, 'until'],
    [{ ...quarantine, until: 0 }, 'until'],
    [{ ...deadLetters, destination: 1 }, 'destination'],
    [{ ...deadLetters, destinaton: 'crm' }, 'destinaton'],
    [{ ...deadLetters, reasons: ['broken'] }, 'reasons.0'],
    [{ ...deadLetters, ids: [] }, 'ids'],
    [{ ...deadLetters, ids: [' '] }, 'ids.0'],
    [{ ...deadLetters, mapping: 'berths' }, 'mapping'],
    [{ ...quarantine, as: 'sms' }, 'as'],
    [{ ...quarantine, mapping: 'moorings' }, 'mapping'],
    [{ ...deadLetters, continuation: { ...run, startedAt: 'now' } }, 'continuation.startedAt'],
    [{ ...deadLetters, continuation: { ...run, moved: -1 } }, 'continuation.moved'],
    [{ ...search, texts: [] }, 'texts'],
    [{ ...search, texts: [''] }, 'texts.0'],
    [{ ...search, texts: null }, 'ids, texts'],
    [{ ...search, command: 'erase-queue', texts: undefined }, 'ids, texts'],
    [{ ...search, dryRun: true }, 'dryRun'],
    [{ command: 'unhide', from: 'quarantine' }, 'handles'],
    [{ command: 'unhide', from: 'quarantine', handles: [''] }, 'handles.0'],
    [
      { command: 'unhide', from: 'quarantine', handles: Array.from({ length: 5_001 }, () => 'h') },
      'handles',
    ],
  ])('is refused when it is %j, because of %s', (request, keys) => {
    const parse = (): unknown => parseRequest(request, MAPPINGS);
    expect(parse).toThrow(OperatorRequestError);
    expect(parse).toThrow(`Not valid: ${keys}.`);
  });

  it('names every key that is wrong, quotes no value, and says how to write it', () => {
    const request = { ...search, texts: [7], ids: 'QUAY-1', dryRun: false };
    expect(() => parseRequest(request, MAPPINGS)).toThrow(
      'Not valid: ids, texts.0, dryRun. Use {"command":"search-queue","from":"dead-letters"} or ' +
        '"quarantine", with "ids" or "texts" or both.',
    );
    expect(() => parseRequest({ ...quarantine, mapping: 'berth' }, MAPPINGS)).toThrow(
      'known are: berths',
    );
  });
});
