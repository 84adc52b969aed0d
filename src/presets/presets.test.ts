import { expect, test } from 'vitest'
import { model } from '../model.ts'
import { checkTraining } from '../artifact/index.ts'
import { preset, presetNames, publishedAs } from './index.ts'

test.each(presetNames)('%s makes a model, and its training is one', (name) => {
  const { model: parts, train } = preset(name)
  const made = model({ items: 30, categorical: {}, continuous: [] }, parts)
  expect(made.parameters.length).toBeGreaterThan(5)
  expect(made.itemHead).toBeDefined()
  expect(() => {
    // As it is saved.
    checkTraining(name, JSON.parse(JSON.stringify(train)) as object)
  }).not.toThrow()
})

test('a part of a preset can be another', () => {
  const { model: parts } = preset('sasrec')
  const made = model({ items: 30, categorical: {}, continuous: [] }, { ...parts, maxLength: 20 })
  expect(made.maxLength).toBe(20)
  expect(made.block.options).toMatchObject({ width: 50, expansion: 1, activation: 'relu' })
})

test('another name is refused, with those there are', () => {
  expect(() => publishedAs('sasrek')).toThrow(/bert4rec, esasrec, gru4rec.*sasrek/)
})
