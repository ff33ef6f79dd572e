import { applyStrings } from './apply';
import { approveStrings } from './approve';
import { buildStrings } from './build';
import { compareStrings } from './compare';
import { en } from './en';
import { keyStrings } from './keys';
import { libraryStrings } from './library';
import { migrateStrings } from './migrate';
import { peopleStrings } from './people';
import { pickStrings } from './pick';
import { picturesStrings } from './pictures';
import { policiesStrings } from './policies';
import { textsDiffStrings } from './textsDiff';

/**
 * Every text that the pages say of themselves, for types and tests: another language is one file of this shape. Pages
 * take only the texts of their own area, so that the verify page stays small.
 */
export const all = {
  ...en,
  ...applyStrings,
  ...approveStrings,
  ...buildStrings,
  ...compareStrings,
  ...keyStrings,
  ...libraryStrings,
  ...migrateStrings,
  ...peopleStrings,
  ...pickStrings,
  ...picturesStrings,
  ...policiesStrings,
  ...textsDiffStrings,
} as const;

export type Catalogue = typeof all;
export type TextKey = keyof Catalogue;
