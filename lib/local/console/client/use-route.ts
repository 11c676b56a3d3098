import { useCallback, useEffect, useState } from 'preact/hooks';
import { formatRoute, parseRoute, type Route } from './route.ts';

/** Returns the route of the address, and a function that goes to another one: a new entry of the back button. */
export function useRoute(): [Route, (route: Route) => void] {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const update = (): void => setRoute(parseRoute(location.hash));
    addEventListener('popstate', update);
    return () => removeEventListener('popstate', update);
  }, []);
  const goTo = useCallback((next: Route): void => {
    const hash = formatRoute(next);
    if (hash !== location.hash) history.pushState(null, '', hash);
    setRoute(next);
  }, []);
  return [route, goTo];
}
