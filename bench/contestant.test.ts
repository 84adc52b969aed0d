import { expect, test } from 'vitest'
import { compete, warmUp, type Contestant } from './contestant.ts'

test('contestants take turns, none at the same time, and each begins a round', async () => {
  const order: string[] = []
  let busy = 0
  const contestant = (name: string, ms: number): Contestant => ({
    name,
    turn: async (steps) => {
      expect(busy++).toBe(0)
      await Promise.resolve()
      busy--
      order.push(`${name}${steps}`)
      return {
        ms: Array.from({ length: steps }, () => ms),
        losses: Array.from({ length: steps }, () => order.length),
      }
    },
    close: () => Promise.resolve(),
  })
  const entered: { contestant: Contestant; warm: Awaited<ReturnType<typeof warmUp>> }[] = []
  for (const each of [contestant('a', 10), contestant('b', 30)])
    entered.push({ contestant: each, warm: await warmUp(each, 3) })
  const [a, b] = await compete(entered, { rounds: 2, steps: 1 })
  expect(order).toEqual(['a3', 'b3', 'a1', 'b1', 'b1', 'a1'])
  expect(a).toEqual({ medianMs: 10, minMs: 10, roundMs: [10, 10], loss: { first: 1, last: 6 } })
  expect(b).toEqual({ medianMs: 30, minMs: 30, roundMs: [30, 30], loss: { first: 2, last: 5 } })
})
