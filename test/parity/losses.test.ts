import { describe, expect, it } from 'vitest'
import { gradients, graph, input, mul, sum, type Tensor } from '../../src/graph/index.ts'
import { nodeRuntime } from '../../src/graph/node.ts'
import { losses, type Negatives, type NextItemLoss } from '../../src/heads/losses/index.ts'
import {
  meanOfPresent,
  targetLosses,
  type TargetLoss,
  type TargetLossKind,
} from '../../src/heads/target-losses/index.ts'
import { difference, fixtures, type Fixture, type FixtureTensor } from './fixture.ts'

const runtime = nodeRuntime({ threads: 1 })

const dtypeOf = ({ data }: FixtureTensor): 'float32' | 'int32' =>
  data instanceof Float32Array ? 'float32' : 'int32'

function placeholders(
  given: Readonly<Record<string, FixtureTensor>>,
  role: 'parameter' | 'data',
): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    Object.entries(given).map(([name, each]) => [name, input(name, dtypeOf(each), each.shape, role)]),
  )
}

/** Everything that the fixture expects, as the graph computes it. */
async function compute(
  { weights, input: given }: Fixture,
  outputs: Readonly<Record<string, Tensor>>,
): Promise<Readonly<Record<string, Float32Array>>> {
  const program = await runtime.compile(graph(outputs))
  const all = { ...weights, ...given }
  const feeds = Object.fromEntries(
    program.inputs.map((name) => {
      const { shape, data } = all[name]!
      return [name, { dtype: dtypeOf(all[name]!), dims: shape, data }]
    }),
  )
  const results = await program.run(feeds)
  const values = Object.entries(results).map(([name, { data }]) => [name, Float32Array.from(data, Number)])
  await program.close()
  return Object.fromEntries(values) as Readonly<Record<string, Float32Array>>
}

function withGradients(
  loss: Tensor,
  cotangent: Tensor,
  leaves: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, Tensor>> {
  const slopes = gradients(sum(mul(loss, cotangent)), Object.values(leaves))
  return {
    loss,
    ...Object.fromEntries(Object.keys(leaves).map((name, at) => [`grad.${name}`, slopes[at]!])),
  }
}

function expectEqual({ expected, name }: Fixture, received: Readonly<Record<string, Float32Array>>): void {
  // Scores of about 100 have an error of 1e-5 in single precision, and so have losses and probabilities made of them.
  const large = name.endsWith('-large') ? 20 : 1
  expect(Object.keys(received).sort()).toEqual(Object.keys(expected).sort())
  for (const [key, { data }] of Object.entries(expected)) {
    const tolerance = (key.startsWith('grad.') ? 1e-5 : 1e-6) * large
    const off = difference(received[key]!, data)
    expect(off < tolerance, `${key} differs by ${off}`).toBe(true)
  }
}

/** The options of a fixture: what is left of its configuration. */
function optionsOf({ config: { config } }: Fixture): Readonly<Record<string, number | boolean>> {
  return Object.fromEntries(
    Object.entries(config).filter(([name]) => !['loss', 'negatives'].includes(name)),
  ) as Readonly<Record<string, number | boolean>>
}

describe.each(fixtures('losses'))('a loss of the next item equals PyTorch: $name', (fixture) => {
  const { config } = fixture.config
  it('values and gradients', async () => {
    const leaves = placeholders(fixture.weights, 'parameter')
    const {
      targets,
      sessions,
      cotangent,
      negatives: codes,
      logQ,
      targetLogQ,
    } = placeholders(fixture.input, 'data')
    const kind = config['negatives'] as 'none' | Negatives['kind']
    const negatives: Negatives | undefined =
      kind === 'none'
        ? undefined
        : kind === 'batch'
          ? { kind }
          : { kind, codes: codes!, ...(logQ === undefined ? {} : { logQ }) }
    const record: NextItemLoss = losses[config['loss'] as keyof typeof losses]
    const loss = record.loss(
      {
        hidden: leaves['hidden']!,
        table: leaves['table']!,
        ...(leaves['bias'] === undefined ? {} : { bias: leaves['bias'] }),
        targets: targets!,
        ...(negatives === undefined ? {} : { negatives }),
        ...(targetLogQ === undefined ? {} : { targetLogQ }),
        ...(sessions === undefined ? {} : { sessions }),
      },
      optionsOf(fixture),
    )
    expectEqual(fixture, await compute(fixture, withGradients(loss, cotangent!, leaves)))
  })
})

describe.each(fixtures('target-losses'))('a loss of another target equals PyTorch: $name', (fixture) => {
  it('values, gradients and the mean', async () => {
    const { outputs } = placeholders(fixture.weights, 'parameter')
    const { targets, cotangent, present } = placeholders(fixture.input, 'data')
    const record: TargetLoss = targetLosses[fixture.config.config['loss'] as TargetLossKind]
    const loss = record.loss(
      { outputs: outputs!, targets: targets!, ...(present === undefined ? {} : { present }) },
      optionsOf(fixture),
    )
    const all = withGradients(loss, cotangent!, { outputs: outputs! })
    expectEqual(fixture, await compute(fixture, { ...all, mean: meanOfPresent(loss, present) }))
  })
})

it('every loss has a fixture', () => {
  const compared = (block: string): readonly unknown[] => [
    ...new Set(fixtures(block).map(({ config: { config } }) => config['loss'])),
  ]
  expect(compared('losses').toSorted()).toEqual(Object.keys(losses).sort())
  expect(compared('target-losses').toSorted()).toEqual(Object.keys(targetLosses).sort())
})
