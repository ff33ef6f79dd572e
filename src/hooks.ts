import type { Reroute } from '@sveltejs/kit';

/** `/verify.html` is `/verify`: static hosts serve the file, the router knows the page. */
export const reroute: Reroute = ({ url }) => {
  if (url.pathname.endsWith('/index.html')) return url.pathname.slice(0, -'index.html'.length);
  return url.pathname.endsWith('.html') ? url.pathname.slice(0, -'.html'.length) : undefined;
};
