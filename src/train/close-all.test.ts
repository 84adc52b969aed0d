import { describe, expect, test } from 'vitest'
import { gru } from '../blocks/index.ts'
import { RESERVED } from '../codes.ts'
import { timeWindow } from '../data/index.ts'
import type { Runtime } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { nextItem, regression } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model } from '../model.ts'
import { closeAll } from './close-all.ts'
import { createDeviceStep } from './device-step.ts'
import { fitAndEvaluate } from './fit-and-evaluate.ts'
import { ITEMS, randomSessions, sessionsOf } from './tiny-model.test-support.ts'
import { train } from './train.ts'

const runtime = nodeRuntime({ threads: 2 })

/** A runtime that fails to compile a program (from 1), or to close one, and counts those that are open. */
function failing({ compile, close }: { readonly compile?: number; readonly close?: number }) {
  const open = new Set<number>()
  let made = 0
  const watched: Runtime = {
    ...runtime,
    compile: async (graph, options) => {
      const number = ++made
      if (number === compile) throw new Error(`program ${number} is not compiled`)
      const program = await runtime.compile(graph, options)
      open.add(number)
      return {
        ...program,
        run: (...args) => program.run(...args),
        runKeeping: (...args) => program.runKeeping(...args),
        close: async () => {
          await program.close()
          open.delete(number)
          if (number === close) throw new Error(`program ${number} is not closed`)
        },
      }
    },
  }
  return { runtime: watched, open: () => open.size }
}

const data = (seed: number) => {
  const sessions = sessionsOf(randomSessions(20, seed))
  return { ...sessions, continuous: { price: Float32Array.from(sessions.items, (item) => item % 5) } }
}
/** One program to rank with, another one of the other head, beside that of the step. */
const made = model(
  { items: ITEMS + RESERVED, categorical: {}, continuous: ['price'] },
  {
    ...{ masking: causal(), block: gru({ width: 4, layers: 1 }), maxLength: 8 },
    heads: [nextItem(), regression({ target: 'price', summary: 'last' })],
  },
)
const options = { epochs: 1, batchSize: 20 }
const window = (seed: number) => timeWindow(`hour ${seed}`, { train: data(seed), test: data(10 + seed) })
/** Another model of the same parts each time: the parts of the first one are exchanged. */
const anew = () => ({ ...made })

const runs: readonly (readonly [
  name: string,
  programs: number,
  run: (runtime: Runtime) => Promise<unknown>,
])[] = [
  ['train', 3, (of) => train(made, data(1), { ...options, runtime: of, validation: data(2) })],
  ['fitAndEvaluate', 6, (of) => fitAndEvaluate(anew, [window(1), window(2)], { ...options, runtime: of })],
  [
    'a step on a device',
    2,
    async (of) =>
      (await createDeviceStep(made, of, { seed: 1, maxRows: 20, maxTime: 8, accumulate: 2 })).close(),
  ],
]

describe.each(runs)('%s', (_, programs, run) => {
  test('leaves no program open where one is not compiled', async () => {
    for (let compile = 1; compile <= programs; compile++) {
      const { runtime: of, open } = failing({ compile })
      await expect(run(of)).rejects.toThrow(`program ${compile} is not compiled`)
      expect(open(), `after ${compile}`).toBe(0)
    }
  })

  test('leaves no other program open where one is not closed', async () => {
    for (let close = 1; close <= programs; close++) {
      const { runtime: of, open } = failing({ close })
      await expect(run(of)).rejects.toThrow(`program ${close} is not closed`)
      expect(open(), `after ${close}`).toBe(0)
    }
  })
})

test('of several that are not closed the first error is thrown, when all were tried', async () => {
  const closed: number[] = []
  const each = (number: number) => ({
    close: () => {
      closed.push(number)
      return Promise.reject(new Error(String(number)))
    },
  })
  await expect(closeAll(each(1), undefined, each(2))).rejects.toThrow('1')
  expect(closed).toEqual([1, 2])
})
