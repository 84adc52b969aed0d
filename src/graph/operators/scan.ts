import { formatShape, type Dim } from '../dims.ts'
import {
  apply,
  input,
  shapeError,
  type Body,
  type Operator,
  type Tensor,
  type TensorType,
} from '../tensor.ts'

export interface ScanInputs {
  /** What a step hands on to the next, as it is before the first. */
  readonly states: readonly Tensor[]
  /** What each step gets its own part of, along the first axis: [time, ...] each. */
  readonly sequences: readonly Tensor[]
  /** What every step gets as it is. */
  readonly fixed?: readonly Tensor[]
  /** Whether the last step comes first; outputs are in the order of the sequences all the same. */
  readonly reverse?: boolean
}

export interface ScanStep {
  /** As `states`, of the same types. */
  readonly states: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

const typeOf = ({ dtype, shape }: Tensor): TensorType => ({ dtype, shape })
const isSame = (left: Tensor, right: Tensor): boolean =>
  left.dtype === right.dtype && formatShape(left.shape) === formatShape(right.shape)

const scanOperator: Operator = {
  name: 'scan',
  onnx: 'Scan',
  infer: (inputs, attributes) => {
    const { states, sequences } = counts(attributes)
    const body = attributes['body'] as Body
    const time = inputs[states]!.shape[0] as Dim
    for (const [at, state] of inputs.slice(0, states).entries())
      if (!isSame(state, body.outputs[at]!))
        throw shapeError('scan', [state, body.outputs[at]!], `must hand on state ${at} as it got it`)
    for (const sequence of inputs.slice(states, states + sequences))
      if (sequence.shape[0] !== time)
        throw shapeError('scan', inputs.slice(states, states + sequences), 'needs sequences of one length')
    return body.outputs.map((output, at) =>
      at < states ? typeOf(output) : { dtype: output.dtype, shape: [time, ...output.shape] },
    )
  },
  gradient: 'none',
  emit: (emitter, node, inputs, outputs) => {
    const { states, sequences } = counts(node.attributes)
    const body = node.attributes['body'] as Body
    const directions = (length: number): readonly number[] =>
      new Array<number>(length).fill(node.attributes['reverse'] === true ? 1 : 0)
    const free = states + sequences
    emitter.add(
      'Scan',
      inputs.slice(0, free),
      {
        body: emitter.body(body, inputs.slice(free)),
        num_scan_inputs: sequences,
        scan_input_directions: directions(sequences),
        scan_output_directions: directions(body.outputs.length - states),
      },
      outputs,
    )
  },
}

const counts = (attributes: Readonly<Record<string, unknown>>) => ({
  states: attributes['states'] as number,
  sequences: attributes['sequences'] as number,
})

/**
 * A recurrence: runs `step` once for each part of the sequences. Gives the states after the last step, and the outputs of all steps, [time, ...] each.
 * What is fixed must be given, and not be read from outside. It has no gradient of its own: wrap it in `customGradient`, whose rule is mostly a scan in reverse.
 */
export function scan(
  { states, sequences, fixed = [], reverse = false }: ScanInputs,
  step: (states: readonly Tensor[], parts: readonly Tensor[], fixed: readonly Tensor[]) => ScanStep,
): ScanStep {
  const placeholder = ({ dtype, shape }: TensorType): Tensor => input('step', dtype, shape)
  const own = states.map(placeholder)
  const parts = sequences.map(({ dtype, shape }) => placeholder({ dtype, shape: shape.slice(1) }))
  const given = fixed.map(placeholder)
  const made = step(own, parts, given)
  const body: Body = { inputs: [...own, ...parts, ...given], outputs: [...made.states, ...made.outputs] }
  const outputs = apply(scanOperator, [...states, ...sequences, ...fixed], {
    body,
    reverse,
    states: states.length,
    sequences: sequences.length,
  })
  return { states: outputs.slice(0, states.length), outputs: outputs.slice(states.length) }
}
