/**
 * Copies `length` bytes from `distance` bytes before `to`; they may run into each other. Writes up to 32 bytes more
 * than asked for: what comes next writes over them.
 */
export function copyMatch(to: usize, distance: usize, length: usize): void {
  const end = to + length;
  let from = to - distance;
  if (distance >= 16) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    for (to += 32, from += 32; to < end; to += 16, from += 16) v128.store(to, v128.load(from));
  } else if (distance >= 8) {
    for (; to < end; to += 8, from += 8) store<u64>(to, load<u64>(from));
  } else if (distance == 1) {
    const run = i8x16.splat(load<u8>(from));
    for (; to < end; to += 16) v128.store(to, run);
  } else {
    // Eight bytes are copied, `distance` of them are right: the rest is copied again.
    for (; to < end; to += distance, from += distance) store<u64>(to, load<u64>(from));
  }
}
