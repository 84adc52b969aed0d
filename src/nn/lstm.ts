import {
  add,
  concat,
  customGradient,
  full,
  gemm,
  mul,
  scan,
  sigmoid,
  split,
  sub,
  tanh,
  type Tensor,
} from '../graph/index.ts'
import { recurrentGradient, recurrentWeights, statesBefore, type RecurrentInputs } from './recurrent.ts'
import type { Scope } from './scope.ts'

/**
 * One layer of an LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000) in one direction, as PyTorch's `nn.LSTM`: x [time, batch, in] →
 * [time, batch, width]. Gates i, f, g, o; c ← f·c + i·g; h ← o·tanh(c). State and cell start anew where a session begins.
 */
export function lstm(scope: Scope, inputs: RecurrentInputs): Tensor {
  const { x, keep, width, reverse } = inputs
  const batch = x.shape[1]!
  const { given, recurrent, bias } = recurrentWeights(scope, inputs, 4)
  const z = add(given, bias)
  const nothing = full([batch, width], 0)
  const { outputs } = scan(
    { states: [nothing, nothing], sequences: [z, keep], fixed: [recurrent], reverse },
    ([before, cellBefore], [zt, kept], [weight]) => {
      const all = gemm(mul(before!, kept!), weight!, { transposeB: true, add: zt! })
      const [zi, zf, zg, zo] = split(all, { axis: 1, parts: 4 }) as [Tensor, Tensor, Tensor, Tensor]
      const [i, f, g, o] = [sigmoid(zi), sigmoid(zf), tanh(zg), sigmoid(zo)]
      const cell = add(mul(f, mul(cellBefore!, kept!)), mul(i, g))
      const h = mul(o, tanh(cell))
      return { states: [h, cell], outputs: [h, cell, concat([i, f, g, o], { axis: 1 })] }
    },
  )
  const [h, cells, gates] = outputs as [Tensor, Tensor, Tensor]
  return customGradient(h, [z, recurrent], (dy) => {
    const back = scan(
      {
        states: [nothing, nothing],
        sequences: [dy, gates, cells, statesBefore(cells, inputs), keep],
        fixed: [recurrent],
        reverse: !reverse,
      },
      ([dAfter, dCellAfter], [dyt, gatesAt, cell, cellBefore, kept], [weight]) => {
        const [i, f, g, o] = split(gatesAt!, { axis: 1, parts: 4 }) as [Tensor, Tensor, Tensor, Tensor]
        const dh = add(dyt!, dAfter!)
        const t = tanh(cell!)
        const dCell = add(dCellAfter!, mul(mul(dh, o), sub(1, mul(t, t))))
        const slope = (gate: Tensor): Tensor => mul(gate, sub(1, gate))
        const dGates = concat(
          [
            mul(mul(dCell, g), slope(i)),
            mul(mul(dCell, cellBefore!), slope(f)),
            mul(mul(dCell, i), sub(1, mul(g, g))),
            mul(mul(dh, t), slope(o)),
          ],
          { axis: 1 },
        )
        return {
          states: [mul(gemm(dGates, weight!), kept!), mul(mul(dCell, f), kept!)],
          outputs: [dGates],
        }
      },
    )
    const [dGates] = back.outputs as [Tensor]
    return [dGates, recurrentGradient(dGates, statesBefore(h, inputs))]
  })
}
