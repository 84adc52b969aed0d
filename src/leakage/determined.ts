/** The most frequent answer of a key, and how often it and the key were there. */
export interface Habit {
  readonly answer: number
  readonly times: number
  readonly all: number
}

/** The usual answer of each key. Of answers that are as frequent the first counts. */
export function habitsOf(
  pairs: Iterable<readonly [key: number, answer: number]>,
): ReadonlyMap<number, Habit> {
  const answers = new Map<number, Map<number, number>>()
  for (const [key, answer] of pairs) {
    const own = answers.get(key) ?? new Map<number, number>()
    if (own.size === 0) answers.set(key, own)
    own.set(answer, (own.get(answer) ?? 0) + 1)
  }
  const usual = new Map<number, Habit>()
  for (const [key, own] of answers) {
    let [best, times, all] = [-1, 0, 0]
    for (const [answer, count] of own) {
      all += count
      if (count > times) [best, times] = [answer, count]
    }
    usual.set(key, { answer: best, times, all })
  }
  return usual
}
