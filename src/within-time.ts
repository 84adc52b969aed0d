/** What was waited for has not come in time. */
export class LateError extends Error {}

/** Waits for an answer, so many milliseconds at most. Throws `LateError`, and what the answer rejects with. */
export async function withinTime<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError(`it did not answer within ${ms} ms.`)), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
