/** node-fetch 2 is only handed on to the suite. */
declare module "node-fetch" {
  const fetch: unknown;
  export default fetch;
}
