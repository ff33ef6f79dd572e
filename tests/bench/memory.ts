import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const MIB = 1024;

/** Peak resident memory of processes, from /proc; null where there is none (not Linux). All in MiB. */
export function peakOf(pid: number): number | null {
  return field(pid, 'VmHWM');
}

export function residentOf(pid: number): number | null {
  return field(pid, 'VmRSS');
}

/** Makes the peak of a process start again from what it holds now. */
export function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Not ours or not Linux: the peak then includes what came before.
  }
}

/** Renderers below a browser process. */
export function renderersOf(browser: number): number[] {
  const parents = new Map<number, number>();
  for (const pid of processes()) parents.set(pid, parentOf(pid));
  const isBelow = (pid: number): boolean => {
    for (let at = pid; at > 1; at = parents.get(at) ?? 0) if (at === browser) return true;
    return false;
  };
  return [...parents.keys()].filter((pid) => isBelow(pid) && commandOf(pid).includes('--type=renderer'));
}

/** Processes whose command line holds `text`. */
export function processesWith(text: string): number[] {
  return processes().filter((pid) => commandOf(pid).includes(text));
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function field(pid: number, name: string): number | null {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`));
  return match ? Number(match[1]) / MIB : null;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
