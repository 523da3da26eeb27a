/** Queues that a screen shows at once: more are too small to read from five metres. */
export const AT_ONCE = 4

/** The queues of each screen in turn, as evenly as may be: five are three and two. */
export function screens<T>(all: T[]): T[][] {
  const count = Math.ceil(all.length / AT_ONCE)
  const size = Math.ceil(all.length / Math.max(1, count))
  return Array.from({ length: count }, (_, at) => all.slice(at * size, (at + 1) * size))
}
