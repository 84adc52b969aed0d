import type { Tensor } from '../graph/index.ts'
import { gru as layer, recurrentStack, type Scope } from '../nn/index.ts'
import { checkRecurrent, type RecurrentOptions } from './recurrent-options.ts'
import type { Block, BlockContext } from './block.ts'

/**
 * GRU (Cho et al. 2014), as GRU4Rec reads sessions (Hidasi et al. 2016), named, shaped and started as PyTorch's `nn.GRU` with `batch_first`. One that reads in both directions sees what comes
 * after an event, and goes with maskings that hide what is predicted.
 */
export function gru(
  options: RecurrentOptions & { readonly bidirectional: true },
): Block<'masked' | 'replaced'>
export function gru(options: RecurrentOptions & { readonly bidirectional?: false }): Block<'causal'>
export function gru(options: RecurrentOptions): Block<'masked' | 'replaced'> | Block<'causal'> {
  const full = checkRecurrent('gru', options)
  return Object.freeze({
    kind: 'gru',
    options: full,
    width: full.width,
    supports: full.bidirectional ? ['masked' as const, 'replaced' as const] : ['causal' as const],
    build: (scope: Scope, x: Tensor, { segments }: BlockContext) =>
      recurrentStack(scope, layer, { x, segments }, full),
  })
}
