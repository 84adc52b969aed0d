/** A number for each object, the same as long as it is the same object: a key of what is made of objects that are never changed. */
export function identities(): (of: object) => number {
  const numbers = new WeakMap<object, number>()
  let next = 0
  return (of) => {
    const number = numbers.get(of) ?? next++
    numbers.set(of, number)
    return number
  }
}
