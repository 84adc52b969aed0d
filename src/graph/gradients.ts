import { EnsuiteError } from '../errors.ts'
import type { Shape } from './dims.ts'
import { add } from './operators/elementwise.ts'
import { sumRows } from './operators/product.ts'
import { sumTo } from './operators/reduce.ts'
import {
  applyOne,
  constant,
  describeNode,
  inputName,
  shapeError,
  topological,
  type GradientRule,
  type Node,
  type Operator,
  type Tensor,
} from './tensor.ts'

const customGradientOperator: Operator = {
  name: 'customGradient',
  onnx: '',
  infer: ([value]) => [{ dtype: value!.dtype, shape: value!.shape }],
  gradient: (node, outputs) => [undefined, ...(node.attributes['rule'] as GradientRule)(node, outputs)],
}

/**
 * `value` computed from `inputs` by any operators, with a gradient rule of its own instead of theirs.
 * For rules that reuse what the forward pass has made. `rule`: dy → one gradient an input.
 */
export function customGradient(
  value: Tensor,
  inputs: readonly Tensor[],
  rule: (dy: Tensor) => readonly (Tensor | undefined)[],
): Tensor {
  return applyOne(customGradientOperator, [value, ...inputs], {
    rule: (_: Node, [dy]: readonly (Tensor | undefined)[]) => (dy === undefined ? [] : rule(dy)),
  })
}

const stopOperator: Operator = {
  name: 'stopGradient',
  onnx: '',
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  gradient: () => [undefined],
}

/** x, through which no gradient flows. */
export const stopGradient = (x: Tensor): Tensor => applyOne(stopOperator, [x])

/**
 * More graph: ∂loss/∂parameter for each parameter, by reverse accumulation.
 * loss: a float32 scalar. Throws `NO_GRADIENT` where the loss does not depend on a parameter, or only through an operator without a gradient.
 */
export function gradients(loss: Tensor, parameters: readonly Tensor[]): readonly Tensor[] {
  if (loss.shape.length !== 0 || loss.dtype !== 'float32')
    throw shapeError('gradients', [loss], 'expects a float32 scalar as loss')
  const order = topological([loss])
  const wanted = new Set<Node>(parameters.map((parameter) => parameter.node))
  for (const node of order) if (node.inputs.some((each) => wanted.has(each.node))) wanted.add(node)

  const flowing = new Map<Tensor, Tensor>([[loss, constant(1)]])
  const known = new Set(order)
  const blocked: Node[] = []
  for (const node of [...order].reverse()) {
    if (!wanted.has(node) || node.inputs.length === 0) continue
    const outputs = node.outputs.map((output) => flowing.get(output))
    if (outputs.every((output) => output === undefined)) continue
    if (node.operator.gradient === 'none') {
      blocked.push(node)
      continue
    }
    const made = node.operator.gradient(node, outputs)
    let flows = false
    for (const [at, source] of node.inputs.entries()) {
      const gradient = made[at]
      if (gradient === undefined || source.dtype !== 'float32' || !wanted.has(source.node)) continue
      const own = undoBroadcast(gradient, source.shape)
      const before = flowing.get(source)
      const total = before === undefined ? own : add(before, own)
      markOrigin(total.node, node, known)
      flowing.set(source, total)
      flows = true
    }
    if (!flows) blocked.push(node)
  }
  return parameters.map((parameter) => {
    const found = flowing.get(parameter)
    if (found !== undefined) return found
    const wall = blocked.find((node) => topological(node.inputs).includes(parameter.node))
    const why =
      wall === undefined
        ? 'the loss does not depend on it'
        : `the way leads through ${describeNode(wall)}, which has none`
    throw new EnsuiteError('NO_GRADIENT', `Parameter '${inputName(parameter)}' has no gradient: ${why}.`)
  })
}

/** Sums a gradient over the axes along which its tensor was repeated; for a bias by the faster way. */
function undoBroadcast(gradient: Tensor, shape: Shape): Tensor {
  const isBias =
    shape.length === 1 && gradient.shape.length > 1 && gradient.shape.at(-1) === shape[0] && shape[0] !== 1
  return isBias ? sumRows(gradient) : sumTo(gradient, shape)
}

/** Nodes that a rule has just made remember the forward node, so that an error names the line that a user wrote. */
function markOrigin(made: Node, forward: Node, known: Set<Node>): void {
  const open = [made]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (known.has(node)) continue
    known.add(node)
    node.made.origin = forward
    open.push(...node.inputs.map((each) => each.node))
  }
}
