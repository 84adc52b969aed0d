import { setTimeout as sleep } from 'node:timers/promises'
import { summarise, type Summary, type Turn } from './statistics.ts'

/** One of those that take turns. */
export interface Contestant {
  readonly name: string
  turn(steps: number): Promise<Turn>
  close(): Promise<void>
}

/** Worker threads of PyTorch and of ONNX Runtime spin for some ten milliseconds after their work, and slow down who comes next. */
export const settle = (): Promise<void> => sleep(250)

/** Measures nothing yet: memory is laid out, and PyTorch compiles. */
export async function warmUp(contestant: Contestant, steps: number): Promise<Turn> {
  await settle()
  return contestant.turn(steps)
}

export interface Schedule {
  readonly rounds: number
  /** Of each contestant in each round. */
  readonly steps: number
}

/** All take a turn in every round, one at a time; who begins changes from round to round. A summary each, in the order given. */
export async function compete(
  contestants: readonly { readonly contestant: Contestant; readonly warm: Turn }[],
  { rounds, steps }: Schedule,
): Promise<readonly Summary[]> {
  const turns = contestants.map((): Turn[] => [])
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < contestants.length; place++) {
      const at = (round + place) % contestants.length
      await settle()
      turns[at]!.push(await contestants[at]!.contestant.turn(steps))
    }
  }
  return contestants.map(({ warm }, at) => summarise(warm, turns[at]!))
}
