import { expect, test } from 'vitest';
import { matchRoute } from '../../../../lib/local/emulator/http/routes.ts';
import { fixtureFunction } from '../../support/fixture-function.ts';

const routes: [string, string, string][] = [
  ['exact', 'POST', '/letters/inbox'],
  ['any', '*', '/letters/inbox'],
  ['variable', 'POST', '/letters/{kind}'],
  ['deep', 'GET', '/letters/{kind}/pages/{page}'],
  ['greedy', 'ANY', '/letters/{rest+}'],
];
const functions = routes.map(([name, method, path]) =>
  fixtureFunction(name, { events: { routes: [{ method, path }], sources: [], unsupported: [] } }),
);
const fallback = fixtureFunction('fallback', {
  events: { routes: [{ method: '*', path: '*' }], sources: [], unsupported: [] },
});

test.each([
  ['POST', '/letters/inbox', 'exact', 'POST /letters/inbox', {}],
  ['GET', '/letters/inbox', 'any', 'ANY /letters/inbox', {}],
  ['POST', '/letters/a%20b', 'variable', 'POST /letters/{kind}', { kind: 'a b' }],
  [
    'GET',
    '/letters/a/pages/2',
    'deep',
    'GET /letters/{kind}/pages/{page}',
    { kind: 'a', page: '2' },
  ],
  ['GET', '/letters/a/b/c', 'greedy', 'ANY /letters/{rest+}', { rest: 'a/b/c' }],
])('%s %s matches the most specific route: %s', (method, path, name, key, parameters) => {
  expect(matchRoute([...functions, fallback].toReversed(), method, path)).toEqual({
    functionName: name,
    routeKey: key,
    pathParameters: parameters,
  });
});

test.each([
  ['POST', '/'],
  ['POST', '/other'],
  ['POST', '/letters'],
  ['POST', '/Letters/inbox'],
])('%s %s matches no route, except a catch-all route', (method, path) => {
  expect(matchRoute(functions, method, path)).toBeNull();
  expect(matchRoute([...functions, fallback], method, path)).toMatchObject({
    routeKey: '$default',
  });
});

test('a method that is not declared matches no route', () => {
  const [exact] = functions;
  expect(matchRoute(exact === undefined ? [] : [exact], 'GET', '/letters/inbox')).toBeNull();
});
