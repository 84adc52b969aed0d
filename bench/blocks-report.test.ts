import { expect, test } from 'vitest'
import { blocksTable, parameterDifferences, sweepTable, type BlockResult } from './blocks-report.ts'
import { summarise } from './statistics.ts'

const summary = (ms: number): ReturnType<typeof summarise> =>
  summarise({ ms: [1], losses: [8.14] }, [{ ms: [ms], losses: [7.5] }])

const alone: BlockResult = { kind: 'gru', masking: 'causal', parameters: 268736, ours: summary(100) }
const bert = {
  ...alone,
  kind: 'bert' as const,
  masking: 'masked',
  parameters: 322368,
  peer: { from: 'transformers 4.30.2', parameters: 322368, summary: summary(150) },
}

test('a row says how many times longer than ours PyTorch takes, and whose the block is', () => {
  const text = blocksTable([bert, alone])
  expect(text).toMatch(
    /bert\W+masked\W+322,368\D+100\.0\D+150\.0\D+1\.50 ×\D+1\.50 ×\D+transformers 4\.30\.2/,
  )
  expect(text.split('\n').find((line) => line.includes('gru'))).not.toContain('×')
})

test('two sides that train different numbers of parameters are named', () => {
  const other = { ...bert, kind: 'llama' as const, peer: { ...bert.peer, parameters: 322304 } }
  expect(parameterDifferences([bert, alone, other])).toEqual([
    'llama: ours has 322,368 parameters, transformers 4.30.2 322,304.',
  ])
})

test('a sweep has a row a block and a column each width and length', () => {
  const text = sweepTable([
    { kind: 'gru', width: 64, time: 50, ours: summary(10) },
    { kind: 'gru', width: 128, time: 50, ours: summary(20) },
    { kind: 'lstm', width: 64, time: 50, ours: summary(30) },
  ])
  expect(text).toMatch(/ms a step\W+width 64, 50 events\W+width 128, 50 events/)
  expect(text).toMatch(/gru\D+10\.0\D+20\.0/)
  expect(text).toMatch(/lstm\D+30\.0[^.]*$/)
})
