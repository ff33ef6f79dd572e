interface TrustedScripts {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

let policy: ReturnType<TrustedScripts['createPolicy']> | undefined;

/** A policy that lets through addresses made from our own blob and nothing else. */
export function workerAddress(url: string): string {
  const types = (globalThis as { trustedTypes?: TrustedScripts }).trustedTypes;
  if (types === undefined) return url;
  policy ??= types.createPolicy('countersign-worker', {
    createScriptURL(address) {
      if (!address.startsWith('blob:')) throw new TypeError('a worker starts from a blob only');
      return address;
    },
  });
  return policy.createScriptURL(url) as string;
}
