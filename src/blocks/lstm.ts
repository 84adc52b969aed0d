import type { Tensor } from '../graph/index.ts'
import { lstm as layer, recurrentStack, type Scope } from '../nn/index.ts'
import { checkRecurrent, type RecurrentOptions } from './recurrent-options.ts'
import type { Block, BlockContext } from './block.ts'

/**
 * LSTM (Hochreiter and Schmidhuber 1997), named, shaped and started as PyTorch's `nn.LSTM` with `batch_first`. One that reads in both directions sees what comes
 * after an event, and goes with maskings that hide what is predicted.
 */
export function lstm(
  options: RecurrentOptions & { readonly bidirectional: true },
): Block<'masked' | 'replaced'>
export function lstm(options: RecurrentOptions & { readonly bidirectional?: false }): Block<'causal'>
export function lstm(options: RecurrentOptions): Block<'masked' | 'replaced'> | Block<'causal'> {
  const full = checkRecurrent('lstm', options)
  return Object.freeze({
    kind: 'lstm',
    options: full,
    width: full.width,
    supports: full.bidirectional ? ['masked' as const, 'replaced' as const] : ['causal' as const],
    build: (scope: Scope, x: Tensor, { segments }: BlockContext) =>
      recurrentStack(scope, layer, { x, segments }, full),
  })
}
