import { workerAddress } from '../../engine/address';

/** What the editor looks for before its first line runs; it must be there before the editor is imported. */
interface EditorEnvironment {
  getWorker(moduleId: string, label: string): Promise<Worker>;
  createTrustedTypesPolicy(name: string): { createHTML(html: string): unknown } | undefined;
}

/** The editor draws its lines as markup with the text escaped: no element that loads or runs anything is among it. */
const NEVER = /<\/?(?:script|iframe|object|embed|link|style|base|form|meta|img|math|template)\b/i;

function createHTML(html: string): string {
  if (NEVER.test(html)) throw new TypeError('the editor draws no such element');
  return html;
}

interface Policies {
  createPolicy(
    name: string,
    rules: { createHTML(html: string): string },
  ): { createHTML(html: string): unknown };
}

let policy: { createHTML(html: string): unknown } | undefined;

/** One policy under one name stands for the ten that the editor asks for. Scripts are not among what it lets through. */
function createTrustedTypesPolicy(): { createHTML(html: string): unknown } {
  const types = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  policy ??= types === undefined ? { createHTML } : types.createPolicy('monaco', { createHTML });
  return policy;
}

/** The editor's own worker (differences, hidden characters), from a blob like every worker of ours. */
async function getWorker(): Promise<Worker> {
  const { default: source } = await import('../../../workers/monaco.worker.ts?self-contained');
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  return new Worker(workerAddress(url), { name: 'countersign-monaco' });
}

/** Tells the editor how this page starts workers and draws. */
export function prepareEnvironment(): void {
  (globalThis as { MonacoEnvironment?: EditorEnvironment }).MonacoEnvironment ??= {
    getWorker,
    createTrustedTypesPolicy,
  };
}
