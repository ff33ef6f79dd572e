/** Paths whose content says who may do what, wherever they lie. Rather one too many. */
const RULES =
  /polic|approv|rule|routing|trust|allowed_signers|codeowners|owners|govern|permission|secur|role|(^|\/)\.?specular|config\.(ya?ml|json|toml)$/i;
/** Paths whose content says which models are used, and where data goes. */
const ROUTING = /rout(?:er|ing|es)|providers?\b|models?\b/i;

/** True for a path by which a file seems to say who may do what. Attacker-controlled. */
export function isRulesFile(path: string): boolean {
  return RULES.test(path);
}

/** True for a path by which a file seems to say where data goes. Attacker-controlled. */
export function isRoutingFile(path: string): boolean {
  return ROUTING.test(path.slice(path.lastIndexOf('/') + 1));
}

/** Documents that may be a policy, routing or trust list: what they are is told by content. */
export function isDocument(path: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(path);
}
