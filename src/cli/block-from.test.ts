import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { expect, onTestFinished, test } from 'vitest'
import { tiny } from '../artifact/tiny-model.test-support.ts'
import { checkpoint } from '../huggingface/checkpoint.test-support.ts'
import { blockFrom } from './block-from.ts'
import { checkConfig, type BlockConfig } from './config.ts'
import { readConfig } from './read-config.ts'
import { settleConfig } from './settle-config.ts'
import { givenSettings, trainingSettings } from './training-settings.ts'

const from = checkpoint('gpt2')

const given = (flags: readonly string[]) =>
  givenSettings(trainingSettings(new Command()).parse(flags, { from: 'user' }))

const block = (config: BlockConfig | undefined, ...flags: readonly string[]) =>
  blockFrom(config, given(flags))

test('without a folder there is none', async () => {
  expect(await block(undefined)).toBeUndefined()
  expect(await block({ kind: 'gpt2', options: { width: 8 } }, '--layers', '2')).toBeUndefined()
})

test('the checkpoint decides, and the defaults of the command line do not count', async () => {
  const sizes = { width: 16, layers: 2, heads: 2, dropout: 0.1 }
  for (const made of [await block({ from }), await block(undefined, '--block-from', from)]) {
    expect(made).toMatchObject({ kind: 'gpt2', options: sizes, weights: { from } })
    const short = ['--max-length', '6']
    const settled = settleConfig({}, given(short), made).model(tiny().workflow)
    expect(settled).toMatchObject({ block: made!, masking: { kind: 'causal' }, maxLength: 6 })
  }
  // Told before any event is read.
  const made = await block({ from })
  expect(() => settleConfig({}, [], made)).toThrow(/at most 12/)
})

test('what agrees may be said, and dropout is to be chosen', async () => {
  const said = { kind: 'gpt2', options: { width: 16, heads: 2, dropout: 0.3 }, from }
  expect((await block(said))!.options['dropout']).toBe(0.3)
  expect((await block(said, '--dropout', '0.4', '--width', '16'))!.options['dropout']).toBe(0.4)
  // A flag names another folder than the config: what the config says was of the other.
  const other = await block(said, '--block-from', checkpoint('bert'))
  expect(other).toMatchObject({ kind: 'bert', options: { expansion: 2, dropout: 0.3 } })
})

test.each<readonly [string, BlockConfig | undefined, readonly string[], RegExp]>([
  ['another kind', { kind: 'bert', from }, [], /model\.block\.kind of the config says "bert".* has "gpt2"/],
  ['another width', { options: { width: 8 }, from }, [], /model\.block\.options\.width .*says 8.* has 16/],
  ['an option of others', { options: { expansion: 4 }, from }, [], /has nothing of the kind/],
  ['another width by flag', { from }, ['--width', '8'], /^--width says 8.* Leave it out/],
  ['another kind by flag', undefined, ['--block-from', from, '--block', 'bert'], /^--block says "bert"/],
])('%s is refused', async (_, config, flags, message) => {
  const error = await block(config, ...flags).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'OPTION_INVALID' })
  expect((error as Error).message).toMatch(message)
})

test('a config names a folder of the block alone', () => {
  checkConfig('c', { model: { block: { from } } })
  for (const model of [{ block: { from: '' } }, { block: { from: 7 } }, { masking: { from } }])
    expect(() => checkConfig('c', { model })).toThrow(/from/)
})

test('of a made block with weights, in a module, a config has the folder', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'ensuite-module-')), 'config.mjs')
  onTestFinished(() => rmSync(dirname(path), { recursive: true }))
  const part = `{ kind: 'gpt2', options: { width: 16 }, build() {}, weights: { from: 'there', tensors: {} } }`
  writeFileSync(path, `export const config = { model: { block: ${part} } }`)
  const { model } = await readConfig(path)
  expect(model).toEqual({ block: { kind: 'gpt2', options: { width: 16 }, from: 'there' } })
})
