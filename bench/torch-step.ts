import { SEED, type Configuration } from './configurations.ts'
import type { Contestant } from './contestant.ts'
import { startPeer, type Peer, type Reply } from './peer.ts'
import { waitingEnvironment, type Waiting } from './python.ts'

export interface TorchOptions {
  readonly python: string
  readonly compile: boolean
  readonly threads: number
  readonly device: string
  readonly waiting: Waiting
}

/** PyTorch's step in a process of its own, kept over all configurations. */
export interface TorchProcess {
  contestant(configuration: Configuration): Promise<Contestant>
  close(): Promise<void>
}

export function startTorch({ python, compile, threads, device, waiting }: TorchOptions): TorchProcess {
  const peer: Peer = startPeer(python, ['bench/peers/torch_step.py'], {
    environment: waitingEnvironment(waiting),
  })
  return {
    contestant: async (configuration) => {
      // Its warm-up is left to our own, so that the losses of both start with the first step.
      await peer.ask({ cmd: 'setup', ...configuration, compile, threads, device, seed: SEED, warmup: 0 })
      return peerSteps(peer, compile ? 'PyTorch, torch.compile' : 'PyTorch, eager')
    },
    close: () => peer.close(),
  }
}

/** The model that the peer was last set up with. The peer stays when the contestant is closed. */
export const peerSteps = (peer: Peer, name: string): Contestant => ({
  name,
  turn: async (steps) => {
    const reply = await peer.ask({ cmd: 'steps', count: steps })
    return { ms: numbers(reply, 'ms'), losses: numbers(reply, 'losses') }
  },
  close: () => Promise.resolve(),
})

function numbers(reply: Reply, key: string): readonly number[] {
  const values: unknown = reply[key]
  const good = Array.isArray(values) && values.every((value: unknown) => typeof value === 'number')
  if (!good) throw new Error(`Expected numbers as '${key}', received ${JSON.stringify(reply)}.`)
  return values
}
