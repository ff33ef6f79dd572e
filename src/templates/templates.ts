/** Starting points of a project: text that people edit, read by the same readers as everything else. */
export interface Template {
  readonly name: 'strict' | 'balanced' | 'lab';
  /** One sentence for a list. */
  readonly summary: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

const strictPolicy = `# Everything in containers without a network, on named images, with tests and scans.
execution:
  allow_local: false
  docker:
    required: true
    image_allowlist: ["golang:1.22", "node:22"]
    cpu_limit: "2"
    mem_limit: 2g
    network: none
tests:
  require_pass: true
  min_coverage: 0.9
security:
  secrets_scan: true
  dep_scan: true
routing:
  allow_models:
    - provider: local
      names: [llama3.2]
  deny_tools: [shell_local, web_fetch]
`;

const balancedPolicy = `# Containers with a choice of images; tests and scans stay on.
execution:
  allow_local: false
  docker:
    required: true
    image_allowlist: ["golang:*", "node:*"]
    cpu_limit: "4"
    mem_limit: 4g
    network: none
tests:
  require_pass: true
  min_coverage: 0.7
security:
  secrets_scan: true
  dep_scan: true
routing:
  allow_models:
    - provider: local
      names: [llama3.2, qwen2.5-coder]
    - provider: anthropic
      names: [claude-sonnet-4]
  deny_tools: [shell_local]
`;

const labPolicy = `# For experiments with data that nobody minds losing: never for a release.
execution:
  allow_local: true
  docker:
    required: false
    network: bridge
tests:
  require_pass: false
  min_coverage: 0
security:
  secrets_scan: true
  dep_scan: false
`;

function governance(enforcement: string, approvals: string, attestations: string): string {
  return `version: "1.0"
enforcement: ${enforcement}
workflows:
  require_approval_for: [${approvals}]
  require_attestation_for: [${attestations}]
security:
  require_encryption: true
  audit_all_actions: true
  secrets_in_vault: true
`;
}

/** Rules that every starting point has: what is never answered by a program. */
const guardRules = `  - id: deny-credentials
    description: A program never types a secret
    match: {contains: "password|passphrase|token|secret|api.?key", contains_is_regex: true}
    action: {type: deny, reason: Supply the credential yourself}
  - id: human-destructive
    match: {contains: "delete|destroy|drop|purge|wipe|truncate", contains_is_regex: true}
    action: {type: require_human, message: This may destroy data}
  - id: human-money
    match: {contains: "payment|invoice|refund|transfer", contains_is_regex: true}
    action: {type: require_human, message: This may move money}
  - id: human-release
    match: {contains: "publish|deploy|release|push", contains_is_regex: true}
    action: {type: require_human, message: This reaches other people}
  - id: human-rights
    match: {contains: "sudo|chmod|chown|administrator", contains_is_regex: true}
    action: {type: require_human, message: This changes who may do what}
  - id: human-free-text
    match: {prompt_type: [free_text]}
    action: {type: require_human}
`;

function autonomy(name: string, mode: string, rules: string, noMatch: string): string {
  return `policy_version: "0"
name: ${name}
autonomy_mode: "${mode}"
rules:
${guardRules}${rules}defaults: {no_match: ${noMatch}, low_confidence: ${noMatch}}
`;
}

const strictRules = `  - id: human-choices
    match: {prompt_type: [multiple_choice, tool_use]}
    action: {type: require_human}
  - id: human-yes-no
    match: {prompt_type: [yes_no, confirm_enter]}
    action: {type: require_human}
`;

const balancedRules = `  - id: enter-sure
    match: {prompt_type: [confirm_enter], min_confidence: high}
    action: {type: auto_reply, value: "\\n", constraints: {allowed_choices: ["\\n"]}}
    max_auto_replies: 20
  - id: human-rest
    match: {prompt_type: ["*"]}
    action: {type: require_human}
`;

const labRules = `  - id: enter
    match: {prompt_type: [confirm_enter], min_confidence: medium}
    action: {type: auto_reply, value: "\\n", constraints: {allowed_choices: ["\\n"]}}
    max_auto_replies: 100
  - id: continue-yes
    match: {prompt_type: [yes_no], contains: continue, min_confidence: high}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 50
`;

export const templates: readonly Template[] = [
  {
    name: 'strict',
    summary: 'For releases: named images, no network, high coverage, a person answers everything.',
    files: [
      { path: '.specular/policy.yaml', text: strictPolicy },
      {
        path: '.specular/policies.yaml',
        text: governance('strict', 'spec, plan, build, drift, policy', 'bundle'),
      },
      {
        path: 'policies/autonomy.yaml',
        text: autonomy('strict', 'assist', strictRules, 'deny'),
      },
    ],
  },
  {
    name: 'balanced',
    summary: 'For daily work: containers and scans, harmless confirmations are answered.',
    files: [
      { path: '.specular/policy.yaml', text: balancedPolicy },
      { path: '.specular/policies.yaml', text: governance('strict', 'plan, build', 'bundle') },
      {
        path: 'policies/autonomy.yaml',
        text: autonomy('balanced', 'assist', balancedRules, 'require_human'),
      },
    ],
  },
  {
    name: 'lab',
    summary: 'For experiments only: code runs on the machine itself; what destroys or costs still asks.',
    files: [
      { path: '.specular/policy.yaml', text: labPolicy },
      { path: '.specular/policies.yaml', text: governance('warn', 'build', '') },
      { path: 'policies/autonomy.yaml', text: autonomy('lab', 'full', labRules, 'require_human') },
    ],
  },
];
