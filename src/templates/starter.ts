import type { Template } from './templates.js';

/** What every project begins with, whatever its policies: a specification to fill in, and what is never packed. */
export function starterFiles(product: string): Template['files'] {
  return [
    { path: '.specular/spec.yaml', text: specText(product) },
    { path: '.specularignore', text: ignoreText },
  ];
}

function specText(product: string): string {
  return `# What is built, and how its success is told. Fill this in before anybody approves it.
product: ${JSON.stringify(product)}
goals:
  - Say here what the product is for
features:
  - id: first-feature
    title: First feature
    desc: Say here what it does
    priority: P1
    success:
      - Say here how anybody can tell that it works
acceptance:
  - Say here when all of it is accepted
`;
}

const ignoreText = `# Patterns as in .gitignore. What stands here is not packed.
.env
.env.*
*.log
*.key
*.pem
`;
