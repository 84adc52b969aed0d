import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { errorCodes } from '../src/errors.ts'

it('the errors page and the code table name the same codes, with the same meaning', () => {
  const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `([A-Z_]+)`\s*\| (.*?)\s*\| (.*?)\s*\|$/gm)].map(
    (row): [string, string] => [row[1]!, row[2]!],
  )
  expect(Object.fromEntries(rows)).toEqual(errorCodes)
})

it('each code is thrown somewhere', () => {
  const files = readdirSync('src', { recursive: true }).map((file) => `src/${String(file)}`)
  const sources = files
    .filter((file) => file.endsWith('.ts') && !file.includes('.test') && !file.endsWith('errors.ts'))
    .map((file) => readFileSync(file, 'utf8'))
  const unused = Object.keys(errorCodes).filter(
    (code) => !sources.some((source) => source.includes(`'${code}'`)),
  )
  expect(unused).toEqual([])
})
