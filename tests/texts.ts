import { all } from '../src/lib/strings/all';
import { addTexts } from '../src/lib/strings/translate';

// Tests speak of pages of every area; a page knows its own texts alone.
addTexts(all);
