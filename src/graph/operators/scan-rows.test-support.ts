import { at, fill, real, type Fed, type OperatorRow } from './check-operator.test-support.ts'
import { add, mul } from './elementwise.ts'
import * as operators from './scan.ts'

const [TIME, WIDTH] = [4, 3]
/** A leaky sum: the state is the sum so far, times the decay at each step. */
function running({ x, start, decay }: Readonly<Record<string, Fed>>, reverse: boolean): number[][] {
  const state = Array.from({ length: WIDTH }, (_, j) => at(start!, j))
  const steps = Array.from({ length: TIME }, (_, step) => (reverse ? TIME - 1 - step : step))
  const outputs: number[][] = []
  for (const step of steps) {
    for (let j = 0; j < WIDTH; j++) state[j] = state[j]! * at(decay!, j) + at(x!, step, j)
    outputs[step] = [...state]
  }
  return outputs
}

const inputs = {
  x: real([TIME, WIDTH], { seed: 1, shape: ['time', WIDTH] }),
  start: real([WIDTH], { seed: 2 }),
  decay: real([WIDTH], { seed: 3 }),
}

/** It has no gradient of its own. */
export const scanRows: readonly OperatorRow[] = [false, true].map((reverse) => ({
  name: 'scan',
  variant: reverse ? 'from the end' : 'from the start',
  inputs,
  differentiated: [],
  build: ({ x, start, decay }) =>
    operators.scan(
      { states: [start!], sequences: [x!], fixed: [decay!], reverse },
      ([sum], [part], [less]) => {
        const next = add(mul(sum!, less!), part!)
        return { states: [next], outputs: [next] }
      },
    ).outputs[0]!,
  expected: (fed) => fill([TIME, WIDTH], (i, j) => running(fed, reverse)[i]![j]!),
}))
