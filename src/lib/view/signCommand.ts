/** The command that signs a saved file with a key outside the browser. `KEY` is for the person to replace. */
export function sshCommand(file: string, namespace: string): string {
  return `ssh-keygen -Y sign -n ${namespace} -f KEY ${quoted(file)}`;
}

/** Writes `FILE.asc` beside the file. */
export function gpgCommand(file: string): string {
  return `gpg --detach-sign --armor ${quoted(file)}`;
}

/** Names that this application gives need no quotes; anything else gets them, and never looks like an option. */
function quoted(file: string): string {
  const path = file.startsWith('-') ? `./${file}` : file;
  return /^[A-Za-z0-9._/-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
