import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Driver } from './driver.js';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly target: readonly unknown[] }[];
  }[];
}

/**
 * Brings everything that moves to its end: colours on their way from one theme to the other have no contrast of their
 * own. The sheet is one that the page's policy lets a script add.
 */
export async function still(driver: Driver): Promise<void> {
  await driver.evaluate(async () => {
    const scope = globalThis as unknown as { stillSheet?: CSSStyleSheet };
    if (scope.stillSheet === undefined) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        '*, *::before, *::after { transition: none !important; animation: none !important; }',
      );
      scope.stillSheet = sheet;
    }
    if (!document.adoptedStyleSheets.includes(scope.stillSheet))
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, scope.stillSheet];
    // Two turns, so that nothing of the old colours is still to be drawn.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setTimeout(resolve, 30));
  });
}

/** What axe has to say about the page as it stands: one line for each rule and place; empty when it is clean. */
export async function axeViolations(driver: Driver): Promise<readonly string[]> {
  // The tool comes in as the text of a function, because the page's policy lets nothing else in.
  const install = { toString: () => `() => { ${source}; }` } as unknown as () => void;
  await driver.evaluate(install);
  await still(driver);
  return driver.evaluate(async (values: readonly string[]) => {
    const { axe } = globalThis as unknown as {
      axe: { run(where: Document, options: unknown): Promise<AxeResults> };
    };
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values } });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target }) => `${id}: ${help} (${target.join(' ')})`),
    );
  }, tags);
}
