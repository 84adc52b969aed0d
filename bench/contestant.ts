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

export interface Schedule {
  readonly rounds: number
  readonly steps: number
  readonly warmUp: number
}

/** All take a turn in every round, one at a time; who begins changes from round to round. */
export async function compete(
  contestants: readonly Contestant[],
  { rounds, steps, warmUp }: Schedule,
): Promise<readonly Summary[]> {
  const turnOf = async (contestant: Contestant, count: number): Promise<Turn> => {
    await settle()
    return contestant.turn(count)
  }
  const warm: Turn[] = []
  for (const contestant of contestants) warm.push(await turnOf(contestant, warmUp))
  const turns = contestants.map((): Turn[] => [])
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < contestants.length; place++) {
      const at = (round + place) % contestants.length
      turns[at]!.push(await turnOf(contestants[at]!, steps))
    }
  }
  return contestants.map((_, at) => summarise(warm[at]!, turns[at]!))
}
