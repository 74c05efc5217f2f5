// Which buckets have a label under the axis: natural boundaries, no more than have room. Pure.

/** @typedef {import('./range.js').Step} Step */
/** @typedef {(date: Date, index: number) => boolean} Boundary */

/** @type {(every: number) => Boundary} */
const hours = (every) => (date) => date.getUTCHours() % every === 0;
/** @type {Boundary} */
const midnight = (date) => date.getUTCHours() === 0;
/** @type {Boundary} */
const monday = (date) => date.getUTCDay() === 1;
/** @type {Boundary} */
const first = (date) => date.getUTCDate() === 1;
/** @type {Boundary} */
const firstWeek = (date) => date.getUTCDate() <= 7;
/** @type {(every: number) => Boundary} */
const monthly = (every) => (date) => date.getUTCMonth() % every === 0;
/** @type {(...all: Boundary[]) => Boundary} */
const both = (...all) => (date, index) => all.every((one) => one(date, index));
/** @type {Boundary} */
const every = () => true;
/** @type {(by: number) => Boundary} */
const nth = (by) => (_, index) => index % by === 0;

/** The finest first. @type {Record<Step, Boundary[]>} */
const CHOICES = {
  hour: [
    every, hours(2), hours(3), hours(6), hours(12), midnight, both(midnight, (date) => date.getUTCDate() % 2 === 1), both(midnight, monday),
    both(midnight, first), both(midnight, first, monthly(2)), both(midnight, first, monthly(3)),
  ],
  day: [
    every, nth(2), nth(3), monday, both(monday, (date) => Math.floor(date.getTime() / 604_800_000) % 2 === 0), first,
    both(first, monthly(2)), both(first, monthly(3)), both(first, monthly(6)), both(first, monthly(12)),
  ],
  week: [every, nth(2), nth(3), firstWeek, both(firstWeek, monthly(2)), both(firstWeek, monthly(3)), both(firstWeek, monthly(6)), both(firstWeek, monthly(12))],
  month: [every, monthly(2), monthly(3), monthly(6), monthly(12)],
};

/** Those of the last drawing: hiding a line changes none. @type {WeakMap<number[], {key: string, ticks: Set<number>}>} */
const kept = new WeakMap();

/**
 * @param {number[]} walls
 * @param {Step} step
 * @param {number} room how many labels fit
 * @returns {Set<number>} indices
 */
export function ticks(walls, step, room) {
  const key = `${step} ${room}`;
  const found = kept.get(walls);
  if (found?.key === key) return found.ticks;
  const made = { key, ticks: natural(walls, step, Math.max(room, 1)) };
  kept.set(walls, made);
  return made.ticks;
}

/** @param {number[]} walls @param {Step} step @param {number} most @returns {Set<number>} */
function natural(walls, step, most) {
  for (const choice of CHOICES[step]) {
    const found = chosen(walls, choice, most);
    if (found.size && found.size <= most) return found;
  }
  return chosen(walls, nth(Math.ceil(walls.length / most)), Infinity);
}

/** No further than one too many: of a year of hours each choice would look at all. @param {number[]} walls @param {Boundary} choice @param {number} most */
function chosen(walls, choice, most) {
  /** @type {Set<number>} */
  const found = new Set();
  for (let index = 0; index < walls.length && found.size <= most; index += 1) if (choice(new Date(walls[index]), index)) found.add(index);
  return found;
}
