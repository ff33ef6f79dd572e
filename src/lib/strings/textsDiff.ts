/** Texts of the view that shows two texts with their differences. */
export const textsDiffStrings = {
  'texts.label': 'Differences of {name}',
  'texts.before': '{name}, before',
  'texts.after': '{name}, after',
  'texts.sides': 'Side by side',
  'texts.inline': 'One below the other',
  'texts.lines': 'As plain lines',
  'texts.large': 'In the large editor',
  'texts.keys': 'Tab leads into the two texts and out again. F7: next difference. Shift+F7: the one before.',
  'texts.loading': 'Loading…',
  'texts.same': 'The two texts are the same.',
  'texts.long': 'The texts are too long, or differ too much, to be shown as lines.',
  'texts.skipped': { one: '{n} equal line', other: '{n} equal lines' },
} as const;
