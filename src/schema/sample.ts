import type { ColumnStatistics } from '../events/index.ts'

/** The first rows of a column: codes in order of first appearance, -1 where there is no value. */
export type Codes = Int32Array

export function codesOf(values: ColumnStatistics['sample']): Codes {
  const known = new Map<string, number>()
  return Int32Array.from(values, (value) => {
    if (value === null) return -1
    const code = known.get(value) ?? known.size
    known.set(value, code)
    return code
  })
}

const MIN_GROUPS = 20
const NEARLY_ALL = 0.98

/** Rows by the code of their group, groups of one row left out. */
function groupsOf(by: Codes): readonly (readonly number[])[] {
  const groups = new Map<number, number[]>()
  for (const [row, code] of by.entries()) {
    if (code < 0) continue
    const group = groups.get(code)
    if (group === undefined) groups.set(code, [row])
    else group.push(row)
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

/**
 * Whether a value belongs to its group: it stays the same within nearly every group that is seen at two places or more, and
 * differs between groups. `places`: what counts as another place, such as the session; each row where it is left out.
 */
export function constantWithin(column: Codes, by: Codes, places?: Codes): boolean {
  const groups = groupsOf(by).filter(
    (group) => places === undefined || group.some((row) => places[row] !== places[group[0]!]),
  )
  const constant = groups.filter((group) => group.every((row) => column[row] === column[group[0]!]))
  if (groups.length < MIN_GROUPS || constant.length < NEARLY_ALL * groups.length) return false
  // A value that hardly ever changes at all says nothing of its group.
  const counts = new Map<number, number>()
  for (const group of groups) counts.set(column[group[0]!]!, (counts.get(column[group[0]!]!) ?? 0) + 1)
  return Math.max(...counts.values()) < 0.95 * groups.length
}

/** Whether two columns name the same things: each value of the one goes with one value of the other, over and again. */
export function sameThings(left: Codes, right: Codes): boolean {
  const pairs = new Set(Array.from(left, (code, row) => `${code} ${right[row]!}`))
  const [lefts, rights] = [new Set(left), new Set(right)]
  return (
    lefts.size >= MIN_GROUPS &&
    lefts.size < 0.9 * left.length &&
    pairs.size === lefts.size &&
    pairs.size === rights.size
  )
}

/** The share of steps from one row of a group to its next that change the value; 0 if no group has two rows. */
export function changesWithin(column: Codes, by: Codes): number {
  const groups = groupsOf(by)
  let [steps, changes] = [0, 0]
  for (const group of groups)
    for (const [index, row] of group.entries()) {
      if (index === 0) continue
      steps++
      if (column[row] !== column[group[index - 1]!]) changes++
    }
  return steps === 0 ? 0 : changes / steps
}

/** Whether the whole numbers of nearly every group are 0, 1, 2 … or 1, 2, 3 … in some order: places in a session. */
export function countsWithin(values: ColumnStatistics['sample'], by: Codes): boolean {
  const groups = groupsOf(by)
  const counting = groups.filter((group) => {
    const numbers = group.map((row) => Number(values[row] ?? Number.NaN)).sort((a, b) => a - b)
    return (
      (numbers[0] === 0 || numbers[0] === 1) && numbers.every((value, index) => value === numbers[0]! + index)
    )
  })
  // The sample may cut the last group, and a log the first ones.
  return groups.length >= MIN_GROUPS && counting.length >= 0.9 * groups.length
}

/** Rows of one value that follow each other, on average over the values of the sample: near 1 run a value for sessions. */
export function runsPerValue(column: Codes): number {
  let runs = 0
  for (const [row, code] of column.entries()) if (row === 0 || column[row - 1] !== code) runs++
  return runs / Math.max(1, new Set(column).size)
}
