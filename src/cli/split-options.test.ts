import { Command } from 'commander'
import { expect, test } from 'vitest'
import { splitKinds } from '../data/index.ts'
import { splitExamples } from '../data/splits/splits.test-support.ts'
import { chosenSplit, splitHelp, splitOptions, type SplitFlags } from './split-options.ts'

const flagsOf = (...words: string[]): SplitFlags =>
  splitOptions(new Command(), 'none unless given').parse(words, { from: 'user' }).opts<SplitFlags>()

test('every kind can be chosen, with all of its options', () => {
  for (const { kind, options } of splitKinds) {
    const { split, flags } = splitExamples[kind]
    expect(chosenSplit(flagsOf('--split', kind, ...flags), 4), kind).toEqual(split)
    expect(Object.keys(split)).toEqual(['kind', ...Object.keys(options)])
    expect(splitHelp).toContain(kind)
  }
  // A share that is not given is a tenth.
  expect(chosenSplit(flagsOf('--split', 'random', '--test', '0.2'), 7)).toEqual({
    kind: 'random',
    validation: 0.1,
    test: 0.2,
    seed: 7,
  })
  expect(chosenSplit(flagsOf(), 7)).toBeUndefined()
})

test('values that no split takes are told by their flags, instants as dates', () => {
  const refusal = (config: object | undefined, ...words: readonly string[]): string => {
    try {
      chosenSplit(flagsOf(...words), 1, config)
    } catch (error) {
      return (error as Error).message
    }
    throw new Error('nothing was refused')
  }
  const cut = ['--split', 'cut', '--validation-from', '2020-02-01', '--test-from']
  expect(refusal(undefined, ...cut, '2020-01-01')).toBe(
    '--test-from, 2020-01-01T00:00:00.000Z, is before --validation-from, 2020-02-01T00:00:00.000Z. Give a later one.',
  )
  // The same instant is a split without validation.
  expect(chosenSplit(flagsOf(...cut, '2020-02-01'), 1)).toMatchObject({ kind: 'cut' })
  expect(refusal({ kind: 'cut', validationFrom: 0, testFrom: 0 }, '--validation-from', '2020-02-01')).toMatch(
    /^split\.testFrom of the config, 1970-01-01T00:00:00\.000Z, is before --validation-from, 2020-02-01/,
  )
  expect(refusal(undefined, '--split', 'time', '--test', '1')).toMatch(/^--test must be a number/)
  expect(refusal(undefined, '--split', 'random', '--test', '0.6', '--validation', '0.5')).toMatch(
    /^--validation \+ --test must be a number below 1/,
  )
  expect(refusal({ kind: 'time', test: -1 })).toMatch(/^split\.test of the config must be/)
})
