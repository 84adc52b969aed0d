import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { settings } from '../src/cli/training-settings.ts'
import { optimizers } from '../src/train/optimizers/index.ts'
import { decayKinds, scheduleDefaults } from '../src/train/schedule.ts'

const page = readFileSync(new URL('../docs/train.md', import.meta.url), 'utf8')

it('docs/train.md has every optimizer with its defaults', () => {
  // What all have alike stands below the table; Adam's are "the same" as those of the row above it.
  const { adamw } = optimizers
  for (const [kind, { defaults }] of Object.entries(optimizers)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${kind}\` `))
    expect(row, kind).toBeDefined()
    const same: Readonly<Record<string, unknown>> = row!.includes('the same') ? adamw.defaults : {}
    for (const [name, value] of Object.entries(defaults)) {
      if (name === 'clipNorm' || value === same[name]) continue
      expect(row, kind).toMatch(new RegExp(`\`${name}\` ${value}\\b`))
    }
  }
})

it('docs/train.md has every schedule with its defaults', () => {
  for (const decay of decayKinds) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${decay}\` `))
    expect(row, decay).toBeDefined()
    for (const [name, value] of Object.entries(scheduleDefaults(decay)))
      if (name !== 'warmup') expect(row, decay).toContain(`\`${name}\` ${String(value)}`)
  }
})

it('every option of a schedule has a flag, and docs/train.md names it', () => {
  const flags = Object.values(settings)
    .flat()
    .filter(({ of }) => of === 'schedule')
  const options = decayKinds.flatMap((decay) => Object.keys(scheduleDefaults(decay)))
  for (const name of new Set(['decay', ...options])) {
    const flag = flags.find(({ option }) => option === name)?.flag
    expect(flag, `a flag of ${name} in src/cli/training-settings.ts`).toBeDefined()
    expect(page).toContain(`\`${flag!}\``)
  }
})
