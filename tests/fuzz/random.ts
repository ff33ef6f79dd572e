/** xorshift128 (Marsaglia 2003): fast, and the same on every machine, so that a seed names a run. */
export class Random {
  private x: number;
  private y: number;
  private z: number;
  private w: number;

  constructor(readonly seed: number) {
    this.x = seed | 0 || 1;
    this.y = 362436069;
    this.z = 521288629;
    this.w = 88675123;
    // Neighbouring seeds begin alike; after some steps they no longer do.
    for (let i = 0; i < 32; i++) this.word();
  }

  /** 32 bits. */
  word(): number {
    const t = this.x ^ (this.x << 11);
    this.x = this.y;
    this.y = this.z;
    this.z = this.w;
    this.w = this.w ^ (this.w >>> 19) ^ t ^ (t >>> 8);
    return this.w >>> 0;
  }

  /** An integer from 0 to `bound` - 1; 0 for no bound. */
  below(bound: number): number {
    return bound > 0 ? this.word() % bound : 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }
}
