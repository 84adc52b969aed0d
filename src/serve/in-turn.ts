/** Runs work one after the other, in the order in which it came; what fails lets the next go on. */
export type InTurn = <Value>(work: () => Promise<Value> | Value) => Promise<Value>

export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }
}
