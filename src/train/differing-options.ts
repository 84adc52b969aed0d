/** How many differences a message names, and how long each value in it may be. */
const MOST = 4
const LONGEST = 40

/**
 * What two runs were asked for that differs, from their fingerprints: `seed (6 there, 7 here)`. Only the first few are named.
 * Empty where a text is no fingerprint.
 */
export function differingOptions(there: string, here: string): string {
  const [theirs, ours] = [leaves(there), leaves(here)]
  const names = [...new Set([...theirs.keys(), ...ours.keys()])].filter(
    (name) => theirs.get(name) !== ours.get(name),
  )
  const shown = names.slice(0, MOST).map((name) => {
    // Of the data there is a digest alone, which says nothing to people.
    if (name === 'data') return 'the sessions'
    return `${name} (${short(theirs.get(name))} there, ${short(ours.get(name))} here)`
  })
  return [...shown, ...(names.length > MOST ? [`${names.length - MOST} more`] : [])].join(', ')
}

const short = (text = 'none'): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)

/** The values of a tree by their paths, each as JSON; a list is one value. */
function leaves(fingerprint: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      found.set(path, JSON.stringify(value))
      return
    }
    for (const [name, each] of Object.entries(value)) visit(each, path === '' ? name : `${path}.${name}`)
  }
  try {
    const tree: unknown = JSON.parse(fingerprint)
    if (typeof tree === 'object' && tree !== null) visit(tree, '')
  } catch {
    // Written by something else.
  }
  return found
}
