import { Command } from 'commander'
import { expect, test } from 'vitest'
import { tiny } from '../artifact/tiny-model.test-support.ts'
import type { ConfigSections } from './config.ts'
import { settleConfig } from './settle-config.ts'
import { givenSettings, trainingSettings } from './training-settings.ts'

const { workflow } = tiny()

const settled = (config: ConfigSections, ...flags: readonly string[]) => {
  const { model, train } = settleConfig(
    config,
    givenSettings(trainingSettings(new Command()).parse(flags, { from: 'user' })),
  )
  const { block, masking, heads, maxLength } = model(workflow)
  return { block, masking, head: heads[0]!, maxLength, train }
}

const config: ConfigSections = {
  model: {
    masking: { kind: 'masked', options: { probability: 0.4 } },
    block: { kind: 'bert', options: { width: 8, heads: 1, expansion: 2 } },
    heads: [{ kind: 'next-item', options: { loss: 'gbce', negatives: 5, bias: true } }],
    maxLength: 7,
  },
  train: { epochs: 3, optimizer: { learningRate: 0.1 } },
}

test('the command line has defaults, which a config goes before, and flags before that', () => {
  const none = settled({})
  expect(none.block).toMatchObject({
    kind: 'sasrec',
    options: { width: 64, layers: 2, heads: 2, dropout: 0.2 },
  })
  expect(none).toMatchObject({ masking: { kind: 'causal' }, maxLength: 50, train: { epochs: 100, seed: 1 } })
  const own = settled(config)
  expect(own.block.options).toMatchObject({ width: 8, layers: 2, heads: 1, expansion: 2 })
  expect(own).toMatchObject({
    maxLength: 7,
    train: { epochs: 3, optimizer: { learningRate: 0.1, clipNorm: 1 } },
  })
  const flags = settled(config, '--layers', '1', '--epochs', '4', '--clip-norm', '2', '--max-length', '6')
  expect(flags.block.options).toMatchObject({ width: 8, layers: 1, expansion: 2 })
  expect(flags).toMatchObject({
    maxLength: 6,
    train: { epochs: 4, optimizer: { learningRate: 0.1, clipNorm: 2 } },
  })
  // A flag that says what is the default anyway is given, too.
  expect(settled(config, '--epochs', '100').train.epochs).toBe(100)
})

test('another kind starts anew, but for what all kinds have', () => {
  const { block } = settled(config, '--block', 'xlnet')
  expect(block.options).toMatchObject({ width: 8, layers: 2, heads: 1, dropout: 0.2, expansion: 4 })
  const last = { model: { ...config.model, masking: { kind: 'masked', options: { trainOn: 'last' } } } }
  const { masking } = settled(last, '--masking', 'replaced')
  expect(masking.options).toMatchObject({ trainOn: 'last', generatorWeight: 1 })
  expect(settled(config, '--masking', 'masked').masking.options).toMatchObject({ probability: 0.4 })
  const { head } = settled(config, '--loss', 'full-softmax')
  const ofLoss = { loss: 'full-softmax', temperature: 1, labelSmoothing: 0 }
  expect(head.options).toEqual({
    ...{ tieWeights: true, weight: 1, bias: true, similarity: 'dot' },
    ...ofLoss,
  })
  expect(settled(config, '--loss', 'gbce', '--negatives', '6').head.options).toMatchObject({
    negatives: 6,
    negativesFrom: 'each',
    bias: true,
  })
})

test('an option that a part refuses is told as the flag that gave it', () => {
  expect(() => settled({}, '--mask-probability', '0.3')).toThrow(
    /^--mask-probability: masking.causal has no option/,
  )
  expect(() => settled({}, '--loss', 'bpr', '--label-smoothing', '0.3')).toThrow(
    /^--label-smoothing: .*'bpr' has no labelSmoothing/,
  )
  expect(() => settled({ model: { masking: { kind: 'causal', options: { probability: 0.3 } } } })).toThrow(
    /^masking.causal/,
  )
})

test.each([
  ['--epochs', '0', /^--epochs: .*whole number/],
  ['--batch-size', '0.5', /^--batch-size: /],
  ['--patience', '-1', /^--patience: /],
  ['--average-decay', '1', /^--average-decay: /],
  ['--accumulate', '0', /^--accumulate: /],
  ['--warmup', '-1', /^--warmup: /],
])('%s %s is refused before any event is read', (flag, value, message) => {
  expect(() => settled({}, flag, value)).toThrow(
    expect.objectContaining({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(message) as string,
    }) as Error,
  )
})

test('a schedule of another decay starts anew; its warmup stays', () => {
  const own: ConfigSections = {
    train: { schedule: { decay: 'cosine', cycles: 2, warmup: 5, floor: 0.1 } },
  }
  expect(settled(own, '--schedule', 'linear').train.schedule).toMatchObject({
    ...{ decay: 'linear', warmup: 5, floor: 0.1 },
  })
  expect(settled(own, '--schedule', 'linear').train.schedule).not.toHaveProperty('cycles')
  expect(settled(own, '--schedule', 'constant').train.schedule).toEqual({ decay: 'constant', warmup: 5 })
  expect(settled(own, '--schedule', 'cosine').train.schedule).toMatchObject({ cycles: 2 })
  expect(settled(own, '--schedule-cycles', '3').train.schedule).toMatchObject({ decay: 'cosine', cycles: 3 })
})

test('an optimizer of another kind starts anew, with the defaults of its kind', () => {
  const own: ConfigSections = { train: { optimizer: { learningRate: 0.1, beta2: 0.9, clipNorm: 2 } } }
  const { optimizer } = settled(own, '--optimizer', 'adagrad').train
  expect(optimizer).toMatchObject({ kind: 'adagrad', learningRate: 0.01, weightDecay: 0, clipNorm: 2 })
  expect(settled(own, '--optimizer', 'adamw').train.optimizer).toMatchObject({
    learningRate: 0.1,
    beta2: 0.9,
  })
  expect(settled({}).train).not.toHaveProperty('averaging')
  const flags = settled({ train: { averaging: { decay: 0.5, from: 3 } } }, '--average-decay', '0.9').train
  expect(flags.averaging).toEqual({ decay: 0.9, from: 3 })
  expect(() => settled({}, '--momentum', '0.9')).toThrow(
    expect.objectContaining({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/^--momentum: .*'momentum' is of sgd/) as string,
    }) as Error,
  )
})
