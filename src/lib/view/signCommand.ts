/** The command that signs a saved file with a key outside the browser. `KEY` is for the person to replace. */
export function sshCommand(file: string, namespace: string): string {
  return `ssh-keygen -Y sign -n ${namespace} -f KEY ${quoted(file)}`;
}

/** Writes `FILE.asc` beside the file. */
export function gpgCommand(file: string): string {
  return `gpg --detach-sign --armor ${quoted(file)}`;
}

/** Names that this application gives need no quotes; anything else gets them. */
function quoted(file: string): string {
  return /^[A-Za-z0-9._/-]+$/.test(file) && !file.startsWith('-')
    ? file
    : `'${file.replaceAll("'", `'\\''`)}'`;
}
