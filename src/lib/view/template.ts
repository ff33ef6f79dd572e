/** The template of a message, for its reference page: `{path}` becomes `‹path›`, a word that stands for a value. */
export function showTemplate(template: string): string {
  return template.replace(/\{([a-zA-Z]+)\}/g, '‹$1›');
}
