import type { Remote } from 'comlink';
import { expect, it } from 'vitest';
import type { Pinged, Seat } from '../../src/engine/seat.js';
import { seated } from '../../src/engine/seated.js';

const host: Pinged = { ping: async () => true };
const noWorkers = () => Promise.reject(new Error('this place has no workers'));
const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

it('lets nothing of a stopped call through where the page itself works, and begins the next one after it', async () => {
  const desk = seated<Pinged>(
    noWorkers,
    async () => host,
    () => undefined,
  );
  const stopper = new AbortController();
  const told: string[] = [];
  let end = (): void => undefined;
  const first = desk.run(async () => {
    await new Promise<void>((resolve) => (end = resolve));
    told.push('first');
    return 'first';
  }, stopper.signal);
  first.catch(() => undefined);
  await turns();
  stopper.abort(new DOMException('Stopped.', 'AbortError'));
  const second = desk.run(async () => {
    told.push('second');
    return 'second';
  });
  await turns();
  expect(told).toEqual([]);
  end();
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  expect(await second).toBe('second');
  expect(told).toEqual(['first', 'second']);
});

it('starts one worker for calls that come together, and another one after it was lost', async () => {
  let started = 0;
  let fresh = 0;
  const seats: { alive: boolean }[] = [];
  const start = async (): Promise<Seat<Pinged>> => {
    started += 1;
    await turns();
    const seat = {
      alive: true,
      stop: () => undefined,
      run: <T>(call: (remote: Remote<Pinged>) => Promise<T>) => call(host as unknown as Remote<Pinged>),
    };
    seats.push(seat);
    return seat;
  };
  const desk = seated<Pinged>(
    start,
    async () => host,
    () => (fresh += 1),
  );
  expect(await Promise.all([desk.run((one) => one.ping()), desk.run((one) => one.ping())])).toEqual([
    true,
    true,
  ]);
  expect([started, fresh]).toEqual([1, 1]);
  seats[0]!.alive = false;
  expect(await desk.run((one) => one.ping())).toBe(true);
  expect([started, fresh]).toEqual([2, 2]);
});
