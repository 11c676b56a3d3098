import { useEffect, useState } from 'preact/hooks';
import { formatRoute, parseRoute, type Route } from './route.ts';

/**
 * Returns the route of the address, and a function that changes it: a new entry of the back button, unless only
 * the filter is another one.
 */
export function useRoute(): [Route, (change: Partial<Route>) => void] {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const update = (): void => setRoute(parseRoute(location.hash));
    addEventListener('popstate', update);
    return () => removeEventListener('popstate', update);
  }, []);
  const goTo = (change: Partial<Route>): void => {
    const next = { ...route, ...change };
    const hash = formatRoute(next);
    if (change.tab === undefined) history.replaceState(null, '', hash);
    else if (hash !== location.hash) history.pushState(null, '', hash);
    setRoute(next);
  };
  return [route, goTo];
}
