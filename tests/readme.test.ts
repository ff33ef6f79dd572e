import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../src/tools/project.mjs';
import { projectFiles, read, root } from './sources.js';

const readme = read('README.md');

function blocks(language: string): readonly string[] {
  return [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, text]) =>
    name === language ? [text ?? ''] : [],
  );
}

/** One block of a terminal: commands after `$`, each with the lines that it must print. */
function transcript(block: string): readonly { command: string; lines: readonly string[] }[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...lines] = part.trimEnd().split('\n');
      return { command, lines };
    });
}

describe('README', () => {
  beforeAll(async () => {
    await ensureBuilt();
  }, 600_000);

  it('has commands, a transcript and a library example', () => {
    expect(blocks('sh').length).toBe(1);
    expect(blocks('console').length).toBe(1);
    expect(blocks('js').length).toBe(1);
  });

  it('prints what it says in the terminal', () => {
    const steps = blocks('console').flatMap(transcript);
    expect(steps.length).toBe(4);
    // One shell for all, so that `echo $?` speaks of the command before it.
    const marker = '--- next ---';
    const script = steps.map(({ command }, at) =>
      at === 0 ? command : `code=$?; echo "${marker}"; (exit $code); ${command}`,
    );
    const { stdout } = spawnSync('bash', ['-c', script.join('\n')], { cwd: root, encoding: 'utf8' });
    const outputs = stdout.split(`${marker}\n`);
    expect(outputs.length).toBe(steps.length);
    for (const [at, { command, lines }] of steps.entries()) {
      expect(lines.length, command).toBeGreaterThan(0);
      expect(outputs[at]?.split('\n').slice(0, lines.length), command).toEqual(lines);
    }
  });

  it('runs its library example', () => {
    const file = join(root, 'tests', '.artefacts', 'readme.mjs');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, blocks('js')[0] ?? '');
    const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: root, encoding: 'utf8' });
    rmSync(file);
    expect(stderr).toBe('');
    expect(stdout).toBe('B-OK\n');
  });

  it('starts the application with its first command, and names only commands that exist', async () => {
    const commands = (blocks('sh')[0] ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim());
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(commands).toEqual(['npm start', 'npm run build']);
    for (const command of commands)
      expect(scripts[command.replace(/^npm (run )?/, '')], command).toBeDefined();
    const child = spawn('npm', ['start'], { cwd: root, detached: true, env: { ...process.env, PORT: '0' } });
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let output = '';
        child.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          const found = /http:\/\/localhost:\d+\/verify/.exec(output);
          if (found !== null) resolve(found[0]);
        });
        child.on('exit', (code) => reject(new Error(`ended with ${code}: ${output}`)));
      });
      const page = await fetch(address);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain("connect-src 'none'");
    } finally {
      // The server is a grandchild of npm: its whole group ends.
      if (child.pid !== undefined) process.kill(-child.pid);
    }
  }, 600_000);
});

describe('links in documents', () => {
  const documents = projectFiles().filter((path) => /^[A-Z]+\.md$|^docs\/.*\.md$/.test(path));

  function anchors(path: string): ReadonlySet<string> {
    const headings = read(path).matchAll(/^#{1,6} (.+)$/gm);
    return new Set([...headings].map(([, text]) => slug(text ?? '')));
  }

  function slug(heading: string): string {
    return heading
      .toLowerCase()
      .replace(/[`*]/g, '')
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  }

  it('lead to files and headings that exist', () => {
    const broken: string[] = [];
    let seen = 0;
    for (const path of documents) {
      const text = readFileSync(join(root, path), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        seen += 1;
        const [file = '', anchor] = target.split('#');
        const full = file === '' ? path : join(dirname(path), file);
        if (!existsSync(join(root, full))) broken.push(`${path}: ${target}`);
        else if (anchor !== undefined && full.endsWith('.md') && !anchors(full).has(anchor))
          broken.push(`${path}: ${target}`);
      }
    }
    expect(seen).toBeGreaterThan(20);
    expect(broken).toEqual([]);
  });
});
