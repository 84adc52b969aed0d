import { SEED } from './configurations.ts'
import type { Contestant } from './contestant.ts'
import { HIDDEN_SHARE, type BlockCase } from './our-block.ts'
import { startPeer } from './peer.ts'
import { waitingEnvironment, type Waiting } from './python.ts'
import { peerSteps } from './torch-step.ts'

export interface TorchBlocksOptions {
  readonly python: string
  readonly threads: number
  readonly waiting: Waiting
  /** Whether PyTorch's own GELU stands in for the one that Hugging Face writes in Python. */
  readonly fastGelu: boolean
}

export interface TorchBlock {
  /** Named after whose it is: `transformers 4.30.2`, `PyTorch`. */
  readonly contestant: Contestant
  /** How many numbers are trained. */
  readonly parameters: number
}

/** PyTorch's steps of all blocks, one after the other, in one process. */
export interface TorchBlocks {
  block(each: BlockCase): Promise<TorchBlock>
  close(): Promise<void>
}

export function startTorchBlocks({ python, threads, waiting, fastGelu }: TorchBlocksOptions): TorchBlocks {
  const peer = startPeer(python, ['bench/peers/torch_blocks.py'], {
    environment: waitingEnvironment(waiting),
  })
  return {
    block: async ({ kind, block, masking, model, configuration }) => {
      const { items, batch, time } = configuration
      const swapped = fastGelu && block.options['activation'] === 'gelu_new'
      const options = { ...block.options, ...(swapped && { activation: 'gelu_pytorch_tanh' }) }
      const { parameters, from } = await peer.ask({
        ...{ cmd: 'setup', block: kind, options, masking, share: HIDDEN_SHARE, places: model.places },
        ...{ items, batch, time, threads, seed: SEED },
      })
      return { contestant: peerSteps(peer, String(from)), parameters: Number(parameters) }
    },
    close: () => peer.close(),
  }
}
