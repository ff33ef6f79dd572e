import type { Pack } from './pack.js';
import { contracts } from './packs/contracts.js';
import { etl } from './packs/etl.js';
import { finserv } from './packs/finserv.js';
import { payables } from './packs/payables.js';
import { retail } from './packs/retail.js';
import { rpa } from './packs/rpa.js';
import { travel } from './packs/travel.js';
import { templates, type Template } from './templates.js';

export type { Pack, PackName } from './pack.js';

/** Starting points for industries, beside the templates for policies in general. */
export const packs: readonly Pack[] = [contracts, payables, etl, rpa, retail, finserv, travel];

/** What a project of this industry begins with: the policies for daily work, the pack's own, and its decisions. */
export function packFiles({ files, decisions }: Pack): Template['files'] {
  const balanced = templates.find(({ name }) => name === 'balanced');
  const shared = (balanced?.files ?? []).filter(({ path }) => path.startsWith('.specular/'));
  return [...shared, ...files, decisions];
}
