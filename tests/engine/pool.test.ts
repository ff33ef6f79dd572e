import { describe, expect, it } from 'vitest';
import { createPool } from '../../src/engine/pool.js';
import { WorkerLostError, type Seat } from '../../src/engine/seat.js';

/** A worker that answers nothing: the pool only hands it out. */
function fakeSeat(): Seat & { readonly stopped: readonly unknown[] } {
  const stopped: unknown[] = [];
  return {
    stopped,
    get alive() {
      return stopped.length === 0;
    },
    stop: (reason) => void stopped.push(reason),
    run: () => Promise.reject(new Error('not used here')),
  };
}

function starter(): { start: () => Promise<Seat>; seats: ReturnType<typeof fakeSeat>[] } {
  const seats: ReturnType<typeof fakeSeat>[] = [];
  const start = async (): Promise<Seat> => {
    const seat = fakeSeat();
    seats.push(seat);
    return seat;
  };
  return { start, seats };
}

describe('the pool of workers', () => {
  it('starts the first worker before it is asked and the second only when two calls wait', async () => {
    const { start, seats } = starter();
    const pool = createPool(start);
    await Promise.resolve();
    expect(seats.length).toBe(1);
    const first = await pool.take();
    expect(first).toBe(seats[0]);
    pool.give(seats[0] as Seat);
    expect(await pool.take()).toBe(seats[0]);
    expect(seats.length).toBe(1);
    const second = await pool.take();
    expect(second).toBe(seats[1]);
    expect(second).not.toBe(seats[0]);
  });

  it('never starts a third, and serves in the order of asking', async () => {
    const { start, seats } = starter();
    const pool = createPool(start);
    const [one, two] = await Promise.all([pool.take(), pool.take()]);
    expect(new Set([one, two]).size).toBe(2);
    const order: string[] = [];
    const third = pool.take().then((seat) => (order.push('third'), seat));
    const fourth = pool.take().then((seat) => (order.push('fourth'), seat));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(order).toEqual([]);
    pool.give(one as Seat);
    expect(await third).toBe(one);
    pool.give(two as Seat);
    expect(await fourth).toBe(two);
    expect(order).toEqual(['third', 'fourth']);
    expect(seats.length).toBe(2);
  });

  it('replaces a worker that has died', async () => {
    const { start, seats } = starter();
    const pool = createPool(start);
    const seat = (await pool.take()) as Seat;
    seat.stop(new WorkerLostError('crash'));
    pool.give(seat);
    const next = await pool.take();
    expect(next).not.toBe(seat);
    expect(next?.alive).toBe(true);
    expect(seats.length).toBe(2);
  });

  it('gives null when no worker can start, so that the inline engine answers', async () => {
    const pool = createPool(() => Promise.reject(new Error('refused by policy')));
    expect(await Promise.all([pool.take(), pool.take(), pool.take()])).toEqual([null, null, null]);
    expect(await pool.take()).toBeNull();
  });

  it('works on with one worker when a second cannot start', async () => {
    const { start, seats } = starter();
    const pool = createPool(() => (seats.length === 0 ? start() : Promise.reject(new Error('no memory'))));
    const one = (await pool.take()) as Seat;
    const waiting = pool.take();
    await new Promise((resolve) => setTimeout(resolve, 5));
    pool.give(one);
    expect(await waiting).toBe(one);
  });

  it('forgets a call that is aborted while it waits', async () => {
    const { start } = starter();
    const pool = createPool(start);
    const [one] = await Promise.all([pool.take(), pool.take()]);
    const stop = new AbortController();
    const waiting = pool.take(stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    pool.give(one as Seat);
    expect(await pool.take()).toBe(one);
    await expect(pool.take(stop.signal)).rejects.toThrow('enough');
  });

  it('stops every worker and refuses every waiting call when it is closed', async () => {
    const { start, seats } = starter();
    const pool = createPool(start);
    await Promise.all([pool.take(), pool.take()]);
    const waiting = pool.take();
    pool.close();
    await expect(waiting).rejects.toBeInstanceOf(WorkerLostError);
    await expect(pool.take()).rejects.toBeInstanceOf(WorkerLostError);
    expect(seats.map(({ alive }) => alive)).toEqual([false, false]);
  });
});
