import type { Finding, Severity } from '../generated/report.js';
import { inert } from '../messages/inert.js';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** Findings as one SARIF 2.1.0 document (plain text only; what findings repeat is inert already). */
export function sarifLog(findings: readonly Finding[], version: string): object {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const rules = codes.map((id) => {
    const action = findings.find(({ code }) => code === id)?.action ?? '';
    return { id, help: { text: inert(action) } };
  });
  const driver = { name: 'countersign', semanticVersion: version, rules };
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver },
        columnKind: 'utf16CodeUnits',
        results: findings.map((one) => resultOf(one, codes)),
      },
    ],
  };
}

function resultOf({ code, severity, message, where }: Finding, codes: readonly string[]): object {
  const file = where.path ?? where.file;
  const region = where.line === undefined ? {} : { region: { startLine: Math.max(1, where.line) } };
  const place =
    file === undefined ? {} : { physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region } };
  const field = where.field === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: where.field }] };
  const location = { ...place, ...field };
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity],
    message: { text: inert(message, 4000) },
    ...(Object.keys(location).length === 0 ? {} : { locations: [location] }),
  };
}

/** A relative reference of path segments: a hostile name cannot become an address with a scheme. */
function uriOf(path: string): string {
  return path
    .split('/')
    .map((part) =>
      encodeURIComponent(part.replace(/[\ud800-\udfff]/g, (half) => (part.isWellFormed() ? half : '_'))),
    )
    .join('/')
    .replace(/^\/+/, '');
}
