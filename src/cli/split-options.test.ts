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
