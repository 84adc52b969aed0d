import { readdirSync, readFileSync } from 'node:fs'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { commands } from './program.ts'

const root = new URL('../../', import.meta.url)
const pages = ['README.md', ...readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
)
const flagsOf = new Map(
  commands().map((command) => [
    command.name(),
    new Set(['--help', ...command.options.flatMap(({ long }) => long ?? [])]),
  ]),
)
/** Flags of npm, Node, TensorBoard and benches that a page names outside of their commands. */
const OF_OTHERS = ['--ignore-scripts', '--import', '--logdir', '--data', '--share']

const FLAG = /(?<=^|[\s`('[])--[a-z][\w-]*/g
const textOf = (page: string): string =>
  readFileSync(new URL(page, root), 'utf8')
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/npm run [^`\n]*/g, '')

test.each(pages)('%s gives each command only flags that it has', (page) => {
  const said = [...textOf(page).matchAll(/\bensuite ([a-z]+)\b([^`\n#]*)/g)]
  for (const [line, command = '', rest = ''] of said) {
    const known = flagsOf.get(command)
    if (known === undefined) continue
    for (const [flag] of rest.matchAll(FLAG)) expect([...known], line).toContain(flag)
  }
})

test.each(pages)('%s names only flags that a command has', (page) => {
  const all = [...flagsOf.values()].flatMap((flags) => [...flags])
  for (const [flag] of textOf(page).matchAll(FLAG)) expect([...all, ...OF_OTHERS]).toContain(flag)
})

test('flags are looked for in every command', () => {
  expect(commands().every((command) => command instanceof Command && command.options.length > 0)).toBe(true)
  expect(flagsOf.get('prepare')).toContain('--every')
  expect(pages.flatMap((page) => [...textOf(page).matchAll(FLAG)]).length).toBeGreaterThan(100)
})
