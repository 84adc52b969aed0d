/**
 * The names of several lists, once each and in the order of each list, unless they contradict one another: what an earlier list has not stands before what follows it in its own.
 */
export function mergedNames(lists: readonly (readonly string[])[]): readonly string[] {
  const merged: string[] = []
  for (const list of lists) {
    let place = merged.length
    for (const name of [...new Set(list)].toReversed()) {
      const found = merged.indexOf(name)
      if (found === -1) merged.splice(place, 0, name)
      else place = found
    }
  }
  return merged
}
