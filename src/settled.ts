/** Waits for all, also where one fails, and gives what they came to. Throws what the first of them threw, in the order given. */
export async function settled<Results extends readonly unknown[]>(works: {
  readonly [At in keyof Results]: Promise<Results[At]>
}): Promise<Results> {
  const outcomes = await Promise.allSettled(works)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as unknown as Results
}
