import { writeFileSync } from 'node:fs';

/** What a camera sees: frames of grey, in the one format that Chromium plays as its camera (YUV4MPEG2, 4:2:0). */

const WIDTH = 1280;
const HEIGHT = 720;
const QUIET = 4;
const [DARK, LIGHT, WALL] = [40, 215, 120];

export type Grid = readonly (readonly boolean[])[];

/** Flags that give a browser this file as its only camera, and a person who always allows it. */
export const cameraFlags = (file: string): readonly string[] => [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-video-capture=${file}`,
];

/** Writes the film: the wall, then every code for a moment, held a little askew; over and over. */
export function film(file: string, codes: readonly Grid[]): void {
  const still = (picture: Uint8Array): Buffer[] => [Buffer.from('FRAME\n'), Buffer.from(picture), colours];
  const colours = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const pictures = [wall(), ...codes.map((code, i) => held(code, 3 + 2 * i))];
  const head = `YUV4MPEG2 W${WIDTH} H${HEIGHT} F4:1 Ip A1:1 C420jpeg\n`;
  // Three frames of each: somebody holds the thing for a moment.
  const frames = pictures.flatMap((picture) => [picture, picture, picture]).flatMap(still);
  writeFileSync(file, Buffer.concat([Buffer.from(head), ...frames]));
}

function wall(): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => WALL + grain(at));
}

/** The code on a screen, turned by some degrees and lit from one side. */
function held(code: Grid, degrees: number): Uint8Array {
  const picture = wall();
  const modules = code.length + 2 * QUIET;
  const module = (HEIGHT * 0.92) / modules / (Math.cos(radians(degrees)) + Math.sin(radians(degrees)));
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const [dx, dy] = [x - WIDTH / 2, y - HEIGHT / 2];
      const column = Math.floor((dx * cos + dy * sin) / module + modules / 2);
      const row = Math.floor((dy * cos - dx * sin) / module + modules / 2);
      if (column < 0 || row < 0 || column >= modules || row >= modules) continue;
      const dark = code[row - QUIET]?.[column - QUIET] === true;
      const at = y * WIDTH + x;
      picture[at] = (dark ? DARK : LIGHT) + Math.round((x / WIDTH) * 25) + grain(at);
    }
  return picture;
}

/** The same noise in every run. */
function grain(at: number): number {
  return ((at * 2654435761) >>> 28) - 8;
}

function radians(degrees: number): number {
  return (degrees / 180) * Math.PI;
}
