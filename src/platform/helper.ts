/** A second worker or thread died, or gives no answer to go by. Whoever waits for it reads again without it. */
export class HelperLostError extends Error {
  override readonly name = 'HelperLostError';
}
