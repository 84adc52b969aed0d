import type { Asked } from './served.test-support.ts'

/** Asks over and over from some callers until it is told to stop; gives every answer. */
export function underLoad(ask: () => Promise<Asked>, callers = 8): { stop: () => Promise<readonly Asked[]> } {
  let going = true
  const caller = async (): Promise<readonly Asked[]> => {
    const answers: Asked[] = []
    while (going) answers.push(await ask())
    return answers
  }
  const all = Promise.all(Array.from({ length: callers }, caller))
  return {
    stop: async () => {
      going = false
      return (await all).flat()
    },
  }
}

/** The statuses of answers, each once. */
export const statuses = (answers: readonly Asked[]): readonly number[] => [
  ...new Set(answers.map(({ status }) => status)),
]
