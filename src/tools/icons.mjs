// Draws the icons of static/icons from one description, with nothing but Node: an SVG and three PNG sizes.
import { deflateSync } from 'node:zlib';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'static', 'icons');
const BACK = [0x1b, 0x25, 0x30];
const SOFT = [0x9a, 0xa4, 0xb0];
const WHITE = [0xff, 0xff, 0xff];
/** Strokes on a 48 x 48 grid: colour, width, points. */
const STROKES = [
  [
    SOFT,
    3.4,
    [
      [13, 14],
      [28, 14],
    ],
  ],
  [
    SOFT,
    3.4,
    [
      [13, 21],
      [23, 21],
    ],
  ],
  [
    SOFT,
    3.4,
    [
      [13, 28],
      [19, 28],
    ],
  ],
  [
    WHITE,
    4.6,
    [
      [22, 32],
      [28, 38],
      [39, 21],
    ],
  ],
];
const SAMPLES = 4;

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'icon.svg'), svg());
writeFileSync(join(folder, 'icon-180.png'), png(180, { radius: 0, scale: 0.9 }));
writeFileSync(join(folder, 'icon-192.png'), png(192, { radius: 10, scale: 1 }));
writeFileSync(join(folder, 'icon-512.png'), png(512, { radius: 10, scale: 1 }));
writeFileSync(join(folder, 'icon-maskable-512.png'), png(512, { radius: 0, scale: 0.72 }));

function svg() {
  const hex = (colour) => `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  const lines = STROKES.map(
    ([colour, width, points]) =>
      `  <path d="M${points.map((point) => point.join(' ')).join('L')}" fill="none" stroke="${hex(colour)}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">\n  <rect x="0" y="0" width="48" height="48" rx="10" fill="${hex(BACK)}"/>\n${lines.join('\n')}\n</svg>\n`;
}

/** Red, green, blue, alpha of one point of the grid. */
function colourAt(x, y, { radius, scale }) {
  if (!insideSquare(x, y, radius)) return [0, 0, 0, 0];
  const [u, v] = [(x - 24) / scale + 24, (y - 24) / scale + 24];
  const hit = STROKES.findLast(([, width, points]) =>
    points.slice(1).some((to, index) => distance(u, v, points[index], to) <= width / 2),
  );
  return [...(hit?.[0] ?? BACK), 255];
}

function insideSquare(x, y, radius) {
  const dx = Math.max(radius - x, x - (48 - radius), 0);
  const dy = Math.max(radius - y, y - (48 - radius), 0);
  return dx * dx + dy * dy <= radius * radius || radius === 0;
}

function distance(x, y, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function png(size, shape) {
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1)
      rows.set(pixel(column, row, size, shape), row * (size * 4 + 1) + 1 + column * 4);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function pixel(column, row, size, shape) {
  const sum = [0, 0, 0, 0];
  for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
    const x = ((column + ((sample % SAMPLES) + 0.5) / SAMPLES) * 48) / size;
    const y = ((row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) * 48) / size;
    const colour = colourAt(x, y, shape);
    for (let part = 0; part < 3; part += 1) sum[part] += (colour[part] * colour[3]) / 255;
    sum[3] += colour[3];
  }
  const alpha = sum[3] / (SAMPLES * SAMPLES);
  const weight = sum[3] / 255 || 1;
  return [sum[0] / weight, sum[1] / weight, sum[2] / weight, alpha].map(Math.round);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
