/** Texts of the choice of a bundle that is kept in the library. */
export const pickStrings = {
  'pick.button': 'From the library',
  'pick.title': 'Choose a bundle of your library',
  'pick.none': 'Nothing is kept in your library yet.',
  'pick.approved': 'approved by you',
  'pick.take': 'Take this',
} as const;
