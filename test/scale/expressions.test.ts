import { describe, expect, it } from 'vitest';
import { compileCondition, compileUpdate, type Item } from './expressions.ts';

const NAMES = { '#state': 'state', '#token': 'token' };
const VALUES = {
  ':waiting': { S: 'waiting' },
  ':dead': { S: 'dead' },
  ':now': { S: '2026-03-05T10:00:00.000Z' },
  ':one': { N: '1' },
  ':none': { N: '0' },
  ':times': { NS: ['5', '7'] },
};
const PLACEHOLDERS = { names: NAMES, values: VALUES };
const WAITING: Item = { state: { S: 'waiting' }, nextAt: { S: '2026-03-05T09:59:59.000Z' } };

describe('a condition', () => {
  it.each<[string, Item, boolean]>([
    ['attribute_not_exists(id)', {}, true],
    ['attribute_not_exists(id)', { id: { S: 'whs_1' } }, false],
    ['#state IN (:waiting, :dead)', WAITING, true],
    ['(#state = :waiting AND nextAt <= :now)', WAITING, true],
    ['(#state = :dead OR nextAt > :now) OR #token = :now', WAITING, false],
    ['NOT #state = :dead AND attribute_exists(nextAt)', WAITING, true],
    ['#token = :now', WAITING, false],
    ['#token <> :now', WAITING, true],
    ['tries < :one', { tries: { N: '0' } }, true],
    ['tries < :one', { tries: { N: '10' } }, false],
    ['receivedAtMs = :times', { receivedAtMs: { NS: ['7', '5'] } }, true],
    ['receivedAtMs = :times', { receivedAtMs: { NS: ['7'] } }, false],
  ])('%s of %j is %s', (text, item, expected) => {
    expect(compileCondition(text)(item, PLACEHOLDERS)).toBe(expected);
  });

  it.each([
    ['begins_with(id, :now)', 'A function that the model does not know: begins_with'],
    ['#state BETWEEN :waiting AND :dead', 'A comparator that the model does not know: BETWEEN'],
    ['id ?', 'The model cannot read this expression:  ?'],
    ['#state = :dead )', 'Unexpected )'],
  ])('that the model does not know is no condition: %s', (text, message) => {
    expect(() => compileCondition(text)(WAITING, PLACEHOLDERS)).toThrow(message);
  });
});

describe('an update', () => {
  const update = (text: string, item: Item): Item => {
    const after = { ...item };
    compileUpdate(text)(after, PLACEHOLDERS);
    return after;
  };

  it('sets, counts and removes', () => {
    const text =
      'SET #state = :dead, tries = if_not_exists(tries, :none) + :one REMOVE nextAt, missing';
    expect(update(text, WAITING)).toEqual({ state: { S: 'dead' }, tries: { N: '1' } });
    expect(update(text, { tries: { N: '2' } })).toEqual({
      state: { S: 'dead' },
      tries: { N: '3' },
    });
  });

  it('adds to a set of numbers and takes from it', () => {
    const times = { NS: ['1', '5'] };
    expect(update('ADD seen :times', { seen: times })).toEqual({ seen: { NS: ['1', '5', '7'] } });
    expect(update('DELETE seen :times', { seen: times })).toEqual({ seen: { NS: ['1'] } });
    expect(update('DELETE seen :times', { seen: { NS: ['5'] } })).toEqual({});
  });

  it('reads every value as it was before', () => {
    const item = { first: { N: '1' }, second: { N: '2' } };
    expect(update('SET first = second, second = first', item)).toEqual({
      first: { N: '2' },
      second: { N: '1' },
    });
  });
});
