import { broadcast, sameShape } from '../dims.ts'
import {
  applyOne,
  constant,
  shapeError,
  type DType,
  type GradientRule,
  type Operator,
  type Tensor,
} from '../tensor.ts'

const SQRT_PI = Math.sqrt(Math.PI)

/** dy → dx, given x and y. */
type UnaryRule = (dy: Tensor, x: Tensor, y: Tensor) => Tensor

function unary(
  name: string,
  onnx: string,
  rule: UnaryRule | 'none',
  dtypes: readonly DType[] = ['float32'],
): Operator {
  const gradient: GradientRule | 'none' =
    rule === 'none'
      ? 'none'
      : (node, [dy]) => [dy === undefined ? undefined : rule(dy, node.inputs[0]!, node.outputs[0]!)]
  return {
    name,
    onnx,
    infer: (inputs) => {
      const [x] = inputs as [Tensor]
      if (!dtypes.includes(x.dtype)) throw shapeError(name, inputs, `expects ${dtypes.join(' or ')}`)
      return [{ dtype: x.dtype, shape: x.shape }]
    },
    gradient,
  }
}

const negOperator = unary('neg', 'Neg', (dy) => neg(dy), ['float32', 'int32', 'int64'])
const expOperator = unary('exp', 'Exp', (dy, _, y) => mul(dy, y))
const logOperator = unary('log', 'Log', (dy, x) => div(dy, x))
const sqrtOperator = unary('sqrt', 'Sqrt', (dy, _, y) => div(mul(dy, 0.5), y))
const reciprocalOperator = unary('reciprocal', 'Reciprocal', (dy, _, y) => neg(mul(dy, mul(y, y))))
const absOperator = unary('abs', 'Abs', (dy, x) => mul(dy, sign(x)))
const signOperator = unary('sign', 'Sign', 'none')
const floorOperator = unary('floor', 'Floor', 'none')
const erfOperator = unary('erf', 'Erf', (dy, x) => mul(dy, mul(exp(neg(mul(x, x))), 2 / SQRT_PI)))
const tanhOperator = unary('tanh', 'Tanh', (dy, _, y) => sub(dy, mul(dy, mul(y, y))))
const sigmoidOperator = unary('sigmoid', 'Sigmoid', (dy, _, y) => mul(dy, mul(y, sub(1, y))))
const reluOperator = unary('relu', 'Relu', (dy, x) => where(greater(x, 0), dy, constant(0)))
const softplusOperator = unary('softplus', 'Softplus', (dy, x) => mul(dy, sigmoid(x)))
const sinOperator = unary('sin', 'Sin', (dy, x) => mul(dy, cos(x)))
const cosOperator = unary('cos', 'Cos', (dy, x) => neg(mul(dy, sin(x))))
const notOperator = unary('not', 'Not', 'none', ['bool'])

export const neg = (x: Tensor): Tensor => applyOne(negOperator, [x])
export const exp = (x: Tensor): Tensor => applyOne(expOperator, [x])
export const log = (x: Tensor): Tensor => applyOne(logOperator, [x])
export const sqrt = (x: Tensor): Tensor => applyOne(sqrtOperator, [x])
export const reciprocal = (x: Tensor): Tensor => applyOne(reciprocalOperator, [x])
export const abs = (x: Tensor): Tensor => applyOne(absOperator, [x])
export const sign = (x: Tensor): Tensor => applyOne(signOperator, [x])
export const floor = (x: Tensor): Tensor => applyOne(floorOperator, [x])
export const erf = (x: Tensor): Tensor => applyOne(erfOperator, [x])
export const tanh = (x: Tensor): Tensor => applyOne(tanhOperator, [x])
export const sigmoid = (x: Tensor): Tensor => applyOne(sigmoidOperator, [x])
export const relu = (x: Tensor): Tensor => applyOne(reluOperator, [x])
/** log(1 + eˣ), without overflow. */
export const softplus = (x: Tensor): Tensor => applyOne(softplusOperator, [x])
export const sin = (x: Tensor): Tensor => applyOne(sinOperator, [x])
export const cos = (x: Tensor): Tensor => applyOne(cosOperator, [x])
export const not = (x: Tensor): Tensor => applyOne(notOperator, [x])

/** A tensor, or a number that takes the other operand's dtype. */
export type Operand = Tensor | number

type BinaryRule = (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor]

function binary(
  name: string,
  onnx: string,
  rule: BinaryRule | 'none',
  kind: 'arithmetic' | 'comparison' | 'logic' = 'arithmetic',
): Operator {
  const gradient: GradientRule | 'none' =
    rule === 'none'
      ? 'none'
      : (node, [dy]) => {
          if (dy === undefined) return []
          const [a, b] = node.inputs as readonly [Tensor, Tensor]
          const [da, db] = rule(dy, a, b, node.outputs[0]!)
          return [da, db]
        }
  return {
    name,
    onnx,
    infer: (inputs) => {
      const [a, b] = inputs as [Tensor, Tensor]
      if (a.dtype !== b.dtype || (kind === 'logic') !== (a.dtype === 'bool'))
        throw shapeError(name, inputs, 'expects two operands of one dtype')
      return [
        {
          dtype: kind === 'arithmetic' ? a.dtype : 'bool',
          shape: broadcast([a.shape, b.shape], (reason) => shapeError(name, inputs, reason)),
        },
      ]
    },
    gradient,
  }
}

const addOperator = binary('add', 'Add', (dy) => [dy, dy])
const subOperator = binary('sub', 'Sub', (dy) => [dy, neg(dy)])
const mulOperator = binary('mul', 'Mul', (dy, a, b) => [mul(dy, b), mul(dy, a)])
const divOperator = binary('div', 'Div', (dy, _, b, y) => [div(dy, b), neg(div(mul(dy, y), b))])
const powOperator = binary('pow', 'Pow', (dy, a, b, y) => [
  mul(dy, mul(b, pow(a, sub(b, 1)))),
  mul(dy, mul(y, log(a))),
])
// Where both are equal, each gets half: the gradient of the mean of the two one-sided limits, as in PyTorch.
const shareOf = (won: Tensor, tied: Tensor): Tensor =>
  where(tied, constant(0.5), where(won, constant(1), constant(0)))
const maximumOperator = binary('maximum', 'Max', (dy, a, b) => [
  mul(dy, shareOf(greater(a, b), equal(a, b))),
  mul(dy, shareOf(less(a, b), equal(a, b))),
])
const minimumOperator = binary('minimum', 'Min', (dy, a, b) => [
  mul(dy, shareOf(less(a, b), equal(a, b))),
  mul(dy, shareOf(greater(a, b), equal(a, b))),
])
const equalOperator = binary('equal', 'Equal', 'none', 'comparison')
const lessOperator = binary('less', 'Less', 'none', 'comparison')
const greaterOperator = binary('greater', 'Greater', 'none', 'comparison')
const lessOrEqualOperator = binary('lessOrEqual', 'LessOrEqual', 'none', 'comparison')
const greaterOrEqualOperator = binary('greaterOrEqual', 'GreaterOrEqual', 'none', 'comparison')
const andOperator = binary('and', 'And', 'none', 'logic')
const orOperator = binary('or', 'Or', 'none', 'logic')

function applyBinary(operator: Operator, a: Operand, b: Operand): Tensor {
  const dtype = typeof a !== 'number' ? a.dtype : typeof b !== 'number' ? b.dtype : 'float32'
  const tensor = (operand: Operand): Tensor =>
    typeof operand === 'number' ? constant(operand, [], dtype) : operand
  return applyOne(operator, [tensor(a), tensor(b)])
}

export const add = (a: Operand, b: Operand): Tensor => applyBinary(addOperator, a, b)
export const sub = (a: Operand, b: Operand): Tensor => applyBinary(subOperator, a, b)
export const mul = (a: Operand, b: Operand): Tensor => applyBinary(mulOperator, a, b)
export const div = (a: Operand, b: Operand): Tensor => applyBinary(divOperator, a, b)
/** aᵇ for a > 0. */
export const pow = (a: Operand, b: Operand): Tensor => applyBinary(powOperator, a, b)
export const maximum = (a: Operand, b: Operand): Tensor => applyBinary(maximumOperator, a, b)
export const minimum = (a: Operand, b: Operand): Tensor => applyBinary(minimumOperator, a, b)
export const equal = (a: Operand, b: Operand): Tensor => applyBinary(equalOperator, a, b)
export const less = (a: Operand, b: Operand): Tensor => applyBinary(lessOperator, a, b)
export const greater = (a: Operand, b: Operand): Tensor => applyBinary(greaterOperator, a, b)
export const lessOrEqual = (a: Operand, b: Operand): Tensor => applyBinary(lessOrEqualOperator, a, b)
export const greaterOrEqual = (a: Operand, b: Operand): Tensor => applyBinary(greaterOrEqualOperator, a, b)
export const and = (a: Tensor, b: Tensor): Tensor => applyBinary(andOperator, a, b)
export const or = (a: Tensor, b: Tensor): Tensor => applyBinary(orOperator, a, b)

const whereOperator: Operator = {
  name: 'where',
  onnx: 'Where',
  infer: (inputs) => {
    const [condition, yes, no] = inputs as [Tensor, Tensor, Tensor]
    if (condition.dtype !== 'bool' || yes.dtype !== no.dtype)
      throw shapeError('where', inputs, 'expects a bool and two operands of one dtype')
    return [
      {
        dtype: yes.dtype,
        shape: broadcast(
          inputs.map((each) => each.shape),
          (reason) => shapeError('where', inputs, reason),
        ),
      },
    ]
  },
  gradient: (node, [dy]) => {
    if (dy === undefined) return []
    const [condition] = node.inputs as readonly [Tensor]
    return [undefined, where(condition, dy, constant(0)), where(condition, constant(0), dy)]
  },
}

/** `yes` where the condition holds, else `no`. */
export const where = (condition: Tensor, yes: Operand, no: Operand): Tensor => {
  const dtype = typeof yes !== 'number' ? yes.dtype : typeof no !== 'number' ? no.dtype : 'float32'
  const tensor = (operand: Operand): Tensor =>
    typeof operand === 'number' ? constant(operand, [], dtype) : operand
  return applyOne(whereOperator, [condition, tensor(yes), tensor(no)])
}

const castOperator: Operator = {
  name: 'cast',
  onnx: 'Cast',
  infer: ([x], attributes) => [{ dtype: attributes['to'] as DType, shape: x!.shape }],
  gradient: 'none', // one of the two sides is no real number
  emit: (emitter, node, inputs, outputs) =>
    void emitter.add('Cast', inputs, { to: emitter.dtype(node.attributes['to'] as DType) }, outputs),
}

export const cast = (x: Tensor, to: DType): Tensor =>
  x.dtype === to ? x : applyOne(castOperator, [x], { to })

/** True when the two have one type. */
export const sameType = (a: Tensor, b: Tensor): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape)
