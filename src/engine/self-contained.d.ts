/** A worker and everything it imports as the text of one classic script (src/tools/worker-plugin.mjs). */
declare module '*?self-contained' {
  const text: string;
  export default text;
}
