import type { AttachAsked, AttachHost, AttachLook, AttachWritten } from './attacher.js';
import type { OnBytes } from './onBytes.js';
import { startSeat, type Seat } from './seat.js';
import { crossing, seated, type Call } from './seated.js';

export type { AttachAsked, AttachLook, AttachWritten } from './attacher.js';

/** Puts approvals into bundles beside the page. One call at a time; the caller waits, or aborts, before the next. */
export interface Attacher {
  look(asked: AttachAsked, call: Call): Promise<AttachLook>;
  /** Writes what was looked at last; it lasts as long as this page. */
  write(call: Call): Promise<AttachWritten>;
  close(): void;
}

type StartAttach = () => Promise<Seat<AttachHost>>;

async function startFromBlob(): Promise<Seat<AttachHost>> {
  const { default: source } = await import('../../workers/attach.worker.ts?self-contained');
  return startSeat<AttachHost>(source, 'countersign-attach');
}

/** Where workers cannot start, the page does the work itself. */
async function inPage(): Promise<AttachHost> {
  const [{ hostAttaching }, { webPlatform }] = await Promise.all([
    import('./attacher.js'),
    import('../platform/web.js'),
  ]);
  return hostAttaching(webPlatform(), () => performance.now());
}

export function createAttacher(start: StartAttach = startFromBlob): Attacher {
  let asked: AttachAsked | null = null;
  /** What the host has looked at: it has to look again after it was ended. */
  let told: AttachAsked | null = null;
  const desk = seated(start, inPage, () => (told = null));

  async function look(host: AttachHost, what: AttachAsked, onBytes: OnBytes): Promise<AttachLook> {
    const seen = await host.look(what, onBytes);
    told = what;
    return seen;
  }

  return {
    look(given, call) {
      asked = given;
      return desk.run((host) => look(host, given, crossing(call)), call.signal);
    },
    async write(call) {
      const again = asked;
      if (again === null) throw new Error('nothing was looked at');
      return desk.write(async (host, session) => {
        if (told !== again) {
          const seen = await look(host, again, null);
          if (!seen.writes) return { findings: seen.findings };
        }
        return host.write(session, crossing(call));
      }, call.signal);
    },
    close: () => desk.close(),
  };
}
