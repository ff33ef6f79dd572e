/** Texts of the choice of a bundle that is kept in the library. */
export const pickStrings = {
  'pick.button': 'From the library',
  'pick.title': 'Choose a bundle of your library',
  'pick.none': 'Nothing is kept in your library yet.',
  'pick.approved': 'approved by you',
  'pick.take': 'Take this',
  'pick.choose': 'Choose bundle',
  'pick.other': 'Choose another bundle',
  'pick.wrong': 'There is no bundle in what you gave.',
} as const;
