/** How many differences a message names, and how long each value in it may be. */
const MOST = 4
const LONGEST = 40
/** How much of a long value is shown before the place where it differs. */
const BEFORE = 8

/** Of these there is a digest alone, which says nothing to people. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['data', 'the sessions'],
  ['given', 'the values of pretrained vectors or content'],
])

/**
 * What two runs were asked for that differs, from their fingerprints: `seed (6 there, 7 here)`, `heads[1].weight (1 there, 0.5 here)`. Only the first few are named.
 * Empty where a text is no fingerprint.
 */
export function differingOptions(there: string, here: string): string {
  const [theirs, ours] = [leaves(there), leaves(here)]
  const names = [...new Set([...theirs.keys(), ...ours.keys()])].filter(
    (name) => theirs.get(name) !== ours.get(name),
  )
  const shown = names.slice(0, MOST).map((name) => {
    const of = DIGESTS.get(name)
    if (of !== undefined) return of
    const [left, right] = [theirs.get(name) ?? 'none', ours.get(name) ?? 'none']
    const from = firstDifference(left, right)
    return `${name} (${short(left, from)} there, ${short(right, from)} here)`
  })
  return [...shown, ...(names.length > MOST ? [`${names.length - MOST} more`] : [])].join(', ')
}

/** Where two texts part. */
function firstDifference(left: string, right: string): number {
  let at = 0
  while (at < left.length && left[at] === right[at]) at++
  return at
}

/** A text, or the part of a long one that shows what is at `from`. */
function short(text: string, from: number): string {
  if (text.length <= LONGEST) return text
  const start = from < LONGEST - BEFORE ? 0 : from - BEFORE
  const end = start + LONGEST - 2
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}

/** The values of a tree by their paths, each as JSON. A list of plain values is one value, of others each has its number: `heads[0].loss`. */
function leaves(fingerprint: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || (Array.isArray(value) && !value.some(isObject))) {
      found.set(path, JSON.stringify(value))
      return
    }
    for (const [name, each] of Object.entries(value) as [string, unknown][])
      visit(each, Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`)
  }
  try {
    const tree: unknown = JSON.parse(fingerprint)
    if (isObject(tree)) visit(tree, '')
  } catch {
    // Written by something else.
  }
  return found
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
