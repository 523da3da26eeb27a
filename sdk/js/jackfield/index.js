// What routers have in common: reading attributes, ordering candidates, making answers.

export { attribute, failure } from './common.js';

/** The level of an agent's skill, 0 without it. */
export function skill(candidate, name) {
  return candidate.skills.find((has) => has.name === name)?.level ?? 0;
}

/**
 * The candidates by keys, least first, compared place by place; equals longest idle first, then by
 * name, so that a replay decides the same.
 */
export function byKey(ask, key = () => []) {
  const place = (one) => [...key(one), -one.idleMs];
  return [...ask.candidates].sort((a, b) => {
    const [mine, theirs] = [place(a), place(b)];
    const at = mine.findIndex((value, index) => value !== theirs[index]);
    if (at !== -1) return mine[at] < theirs[at] ? -1 : 1;
    return a.agent < b.agent ? -1 : 1;
  });
}

/** Offers the contact to the first of these candidates who is still free; reasons are kept with it. */
export function offer(candidates, because = {}) {
  const val = candidates.map((one) => one.agent);
  return answer({ tag: 'offer', val }, because);
}

/** Asks to be asked again after this many milliseconds, or when an agent becomes ready. */
export function wait(ms, because = {}) {
  return answer({ tag: 'wait-ms', val: ms }, because);
}

/** Any decision, with its reasons. */
export function answer(decision, because = {}) {
  const reasons = Object.entries(because).map(([term, why]) => [term, String(why)]);
  return { decision, because: reasons, scores: [] };
}
