/** Required before a program: the clock of its machine is three days ahead. Timers are not touched. */
const AHEAD_MS = 3 * 86_400_000;
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + AHEAD_MS);
    else super(...given);
  }
  static now() {
    return RealDate.now() + AHEAD_MS;
  }
};
