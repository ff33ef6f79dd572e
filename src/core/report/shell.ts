/** Single-quoted for a POSIX shell; a leading dash is disarmed. Names are attacker-controlled. */
export function quote(text: string): string {
  const named = text.startsWith('-') ? `./${text}` : text;
  return /^[A-Za-z0-9_./@:+=-]+$/.test(named) ? named : `'${named.replaceAll("'", "'\\''")}'`;
}
