import type { FunctionDescription } from '../serverless-config/functions.ts';

/** A declared route and its function. */
export interface RouteMatch {
  readonly functionName: string;
  /** As API Gateway writes it: `POST /webhooks/voucherify`, or `$default`. */
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Candidate extends RouteMatch {
  /** The more exactly the route matches the request, the higher. */
  readonly rank: number;
}

const EXACT = 3;
const VARIABLE = 2;
const GREEDY = 1;

/**
 * Finds the route of a request as an HTTP API does: an exact path wins over `{variable}`, which wins over
 * `{greedy+}`, which wins over `*`; a named method wins over ANY.
 * @param path without the query string
 * @returns null when no function declares a matching route
 */
export function matchRoute(
  functions: readonly FunctionDescription[],
  method: string,
  path: string,
): RouteMatch | null {
  const candidates = functions.flatMap(({ name, events }) =>
    events.routes.flatMap((route): Candidate[] => {
      if (route.method !== '*' && route.method !== 'ANY' && route.method !== method) return [];
      if (route.path === '*') {
        return [{ functionName: name, routeKey: '$default', pathParameters: {}, rank: 0 }];
      }
      const found = matchPath(route.path, path);
      if (found === null) return [];
      const isMethodNamed = route.method === method;
      return [
        {
          functionName: name,
          routeKey: `${isMethodNamed ? method : 'ANY'} ${route.path}`,
          pathParameters: found.parameters,
          rank: found.rank * 2 + (isMethodNamed ? 1 : 0),
        },
      ];
    }),
  );
  const [best] = candidates.sort((a, b) => b.rank - a.rank);
  if (best === undefined) return null;
  const { functionName, routeKey, pathParameters } = best;
  return { functionName, routeKey, pathParameters };
}

function matchPath(
  pattern: string,
  path: string,
): { rank: number; parameters: Record<string, string> } | null {
  const patternSegments = pattern.split('/');
  const pathSegments = path.split('/');
  const parameters: Record<string, string> = {};
  let rank = EXACT;
  for (const [index, segment] of patternSegments.entries()) {
    const text = pathSegments[index];
    if (text === undefined) return null;
    const variable = /^\{([^}+]+)(\+?)\}$/.exec(segment);
    if (variable === null) {
      if (segment !== text) return null;
      continue;
    }
    const [, name = '', greedy] = variable;
    if (greedy === '+') {
      parameters[name] = pathSegments.slice(index).map(decodeSegment).join('/');
      return { rank: GREEDY, parameters };
    }
    parameters[name] = decodeSegment(text);
    rank = VARIABLE;
  }
  return patternSegments.length === pathSegments.length ? { rank, parameters } : null;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
