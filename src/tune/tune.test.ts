import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { readSearch } from './read-search.ts'
import { rungsOf } from './rungs.ts'
import { drawSettings, type SearchSpace } from './search-space.ts'
import { tune, type Trial } from './tune.ts'

const space: SearchSpace = {
  rate: { from: 1e-4, to: 1e-1, scale: 'log' },
  layers: { from: 1, to: 4, whole: true },
  block: { values: ['gru', { kind: 'sasrec' }] },
}

/** Best at a rate of 1e-2; more budget, better. */
const value = ({ settings, budget }: Trial): number =>
  -Math.abs(Math.log10(settings['rate'] as number) + 2) + budget / 100
const run = (trial: Trial) =>
  Promise.resolve({ value: value(trial), about: { layers: trial.settings['layers'] } })

const folders: string[] = []
const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'ensuite-tune-'))
  folders.push(folder)
  return join(folder, 'search')
}
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

describe('drawing settings', () => {
  it('stays inside each distribution, reaches both ends of whole numbers, and is the same for the same numbers', () => {
    const layers = new Set<unknown>()
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e4), (seed, trial) => {
        const drawn = drawSettings(space, seed, trial)
        layers.add(drawn['layers'])
        expect(drawn['rate']).toBeGreaterThanOrEqual(1e-4)
        expect(drawn['rate']).toBeLessThanOrEqual(1e-1)
        expect(['gru', { kind: 'sasrec' }]).toContainEqual(drawn['block'])
        expect(drawSettings(space, seed, trial)).toEqual(drawn)
      }),
      { numRuns: 300 },
    )
    expect([...layers].toSorted()).toEqual([1, 2, 3, 4])
  })

  it('draws each order of magnitude as often, of a scale that is log', () => {
    const rates = Array.from({ length: 3000 }, (_, trial) => drawSettings(space, 1, trial)['rate'] as number)
    for (const from of [1e-4, 1e-3, 1e-2])
      expect(rates.filter((rate) => rate >= from && rate < 10 * from).length / 3000).toBeCloseTo(1 / 3, 1)
  })
})

describe('rungs', () => {
  it.each([
    [{ kind: 'random' }, 20, 30, [[20, 30]]],
    [
      { kind: 'halving' },
      27,
      27,
      [
        [27, 1],
        [9, 3],
        [3, 9],
        [1, 27],
      ],
    ],
    [
      { kind: 'halving', reduction: 2, least: 2 },
      10,
      10,
      [
        [10, 2],
        [5, 4],
        [2, 10],
      ],
    ],
    [
      { kind: 'halving' },
      2,
      100,
      [
        [2, 1],
        [1, 100],
      ],
    ],
    [{ kind: 'halving', least: 5 }, 9, 5, [[9, 5]]],
  ] as const)('%j of %d trials and a budget of %d: %j', (search, trials, budget, expected) => {
    expect(rungsOf(search, { trials, budget }).map((rung) => [rung.trials, rung.budget])).toEqual(expected)
  })
})

describe('tune', () => {
  it('finds the best of what it drew, whatever the direction and however many run at once', async () => {
    const { best, trials } = await tune(run, { space, trials: 40 })
    expect(trials).toHaveLength(40)
    expect(best!.value).toBe(Math.max(...trials.map((each) => each.value!)))
    expect(Math.abs(Math.log10(best!.settings['rate'] as number) + 2)).toBeLessThan(0.15)
    expect(best!.about).toEqual({ layers: best!.settings['layers'] })
    const strip = (all: typeof trials) => all.map(({ seconds: _, ...rest }) => rest)
    let [running, most] = [0, 0]
    const jobs = new Set<number>()
    const slow = async (trial: Trial) => {
      most = Math.max(most, ++running)
      jobs.add(trial.job)
      await new Promise((resolve) => setTimeout(resolve, trial.trial % 3))
      running--
      return run(trial)
    }
    const many = await tune(slow, { space, trials: 40, jobs: 3 })
    expect(strip(many.trials)).toEqual(strip(trials))
    expect(most).toBe(3)
    expect([...jobs].toSorted()).toEqual([0, 1, 2])
    const lowest = await tune(run, { space, trials: 40, direction: 'lower' })
    expect(lowest.best!.value).toBe(Math.min(...trials.map((each) => each.value!)))
  })

  it('gives the best of each rung more, and takes the best from the last one alone', async () => {
    const asked: Trial[] = []
    const { best, trials } = await tune(
      (trial) => {
        asked.push(trial)
        return run(trial)
      },
      { space, trials: 9, budget: 9, search: { kind: 'halving' } },
    )
    expect(asked.map(({ budget }) => budget)).toEqual([...Array<number>(9).fill(1), 3, 3, 3, 9])
    const first = asked.slice(0, 9).toSorted((one, other) => value(other) - value(one))
    expect(asked.slice(9, 12).map(({ trial }) => trial)).toEqual(first.slice(0, 3).map(({ trial }) => trial))
    expect(best).toMatchObject({ trial: first[0]!.trial, budget: 9, settings: first[0]!.settings })
    expect(trials).toHaveLength(13)
  })

  it('gives the place of one that fails with more to the next best of those before', async () => {
    const options = { space, trials: 9, budget: 9, search: { kind: 'halving' } as const }
    const whole = await tune(run, options)
    const asked: (readonly [trial: number, budget: number])[] = []
    const totals: number[] = []
    const { best, trials } = await tune(
      (trial) => {
        asked.push([trial.trial, trial.budget])
        return trial.budget === 9 && trial.trial === whole.best!.trial
          ? Promise.reject(new EnsuiteError('RUNTIME_FAILED', 'no memory'))
          : run(trial)
      },
      { ...options, onTrial: (_, { total }) => void totals.push(total) },
    )
    const second = whole.trials.filter(({ budget }) => budget === 3)[1]!
    expect(best).toMatchObject({ trial: second.trial, budget: 9, settings: second.settings })
    expect(asked.slice(-2)).toEqual([
      [whole.best!.trial, 9],
      [second.trial, 9],
    ])
    expect([totals[0], totals.at(-1)]).toEqual([13, 14])
    expect(trials.at(1)).toMatchObject({ trial: whole.best!.trial, error: { code: 'RUNTIME_FAILED' } })
  })

  it.each([5, undefined, { value: '5' }])('refuses a function that resolves to %j', async (gives) => {
    await expect(tune(() => Promise.resolve(gives as never), { space, trials: 2 })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('{ value, about }') as string,
    })
  })

  it('counts a trial that failed as worse than all others, and ends for a fault of the program', async () => {
    const failing = (trial: Trial) =>
      trial.trial % 2 === 0
        ? Promise.reject(new EnsuiteError('TRAINING_DIVERGED', 'no number'))
        : trial.trial === 5
          ? Promise.resolve({ value: NaN })
          : run(trial)
    const { trials, best } = await tune(failing, { space, trials: 6 })
    expect(best!.trial % 2).toBe(1)
    expect(trials.slice(2).map(({ trial, error }) => [trial, error!.code])).toEqual([
      [2, 'TRAINING_DIVERGED'],
      [4, 'TRAINING_DIVERGED'],
      [5, 'TRAINING_DIVERGED'],
      [6, 'TRAINING_DIVERGED'],
    ])
    const none = await tune(() => Promise.reject(new EnsuiteError('RUNTIME_FAILED', '')), {
      space,
      trials: 2,
    })
    expect(none.best).toBeUndefined()
    await expect(tune(() => Promise.reject(new TypeError('a fault')), { space })).rejects.toThrow('a fault')
  })

  it('draws others in place of settings that do not go together', async () => {
    const accept = (settings: Readonly<Record<string, unknown>>): void => {
      if (settings['layers'] !== 2) throw new EnsuiteError('OPTION_INVALID', 'two layers or none')
    }
    const { trials, refused } = await tune(run, { space, trials: 10, accept })
    expect(trials.every(({ settings }) => settings['layers'] === 2)).toBe(true)
    expect(refused).toBeGreaterThan(10)
    const never = (): never => {
      throw new EnsuiteError('OPTION_INVALID', 'never')
    }
    await expect(tune(run, { space, trials: 2, accept: never })).rejects.toThrow(/^tune: space: never$/)
  })

  it('goes on where it was ended, also in the middle of a line, and runs nothing twice', async () => {
    const options = {
      space,
      trials: 9,
      budget: 3,
      search: { kind: 'halving' } as const,
      folder: await newFolder(),
    }
    const whole = await tune(run, { ...options, folder: await newFolder() })
    const asked: Trial[] = []
    const dying = (trial: Trial) => {
      asked.push(trial)
      return asked.length === 6 ? Promise.reject(new TypeError('died')) : run(trial)
    }
    await expect(tune(dying, options)).rejects.toThrow('died')
    await appendFile(join(options.folder, 'trials.jsonl'), '{"trial":6,"bud')
    await expect(tune(run, options)).rejects.toMatchObject({ code: 'CHECKPOINT_EXISTS' })
    await expect(tune(run, { ...options, seed: 2, resume: true })).rejects.toThrow(/seed \(1 there, 2 here\)/)
    await expect(tune(run, { ...options, of: 'other', resume: true })).rejects.toThrow(/another search: of/)
    const later: Trial[] = []
    const resumed = await tune(
      (trial) => {
        later.push(trial)
        return run(trial)
      },
      { ...options, resume: true },
    )
    expect(later.map(({ trial, budget }) => [trial, budget]).slice(0, 4)).toEqual([
      [6, 1],
      [7, 1],
      [8, 1],
      [9, 1],
    ])
    const strip = (all: typeof resumed.trials) => all.map(({ seconds: _, ...rest }) => rest)
    expect(strip(resumed.trials)).toEqual(strip(whole.trials))
    const lines = (await readFile(join(options.folder, 'trials.jsonl'), 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(12)
  })

  it('tries again what failed with no fault of its settings, and tells what was run here', async () => {
    const options = { space, trials: 4, folder: await newFolder() }
    const whole = await tune(run, { space, trials: 4 })
    const failing = (code: 'FILE_UNWRITABLE' | 'TRAINING_DIVERGED') =>
      Promise.reject(new EnsuiteError(code, 'no memory'))
    const first = await tune(
      (trial) =>
        trial.trial === 2
          ? failing('FILE_UNWRITABLE')
          : trial.trial === 3
            ? failing('TRAINING_DIVERGED')
            : run(trial),
      options,
    )
    expect(first.trials.filter(({ error }) => error).map(({ trial }) => trial)).toEqual([2, 3])
    const asked: number[] = []
    const told: object[] = []
    const again = await tune((trial) => run((asked.push(trial.trial), trial)), {
      ...{ ...options, resume: true },
      onTrial: ({ trial }, progress) => void told.push({ trial, ...progress }),
    })
    expect(asked).toEqual([2])
    expect(told).toEqual([
      { trial: 1, done: 1, ran: 0, total: 4 },
      { trial: 2, done: 2, ran: 1, total: 4 },
      { trial: 3, done: 3, ran: 1, total: 4 },
      { trial: 4, done: 4, ran: 1, total: 4 },
    ])
    const valueOf = (found: typeof whole) => found.trials.find(({ trial }) => trial === 2)!.value
    expect(valueOf(again)).toBe(valueOf(whole))
    // The failure is in the file still, and in nothing that is read of it.
    expect((await readFile(join(options.folder, 'trials.jsonl'), 'utf8')).split('\n')).toHaveLength(6)
    const { records } = await readSearch(options.folder)
    expect(records.map(({ trial, error }) => [trial, error?.code])).toEqual([
      [1, undefined],
      [3, 'TRAINING_DIVERGED'],
      [4, undefined],
      [2, undefined],
    ])
  })

  it('waits for who is told of a trial', async () => {
    const told: number[] = []
    const { trials } = await tune(run, {
      ...{ space, trials: 3 },
      onTrial: async ({ trial }) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        told.push(trial)
      },
    })
    expect([told, trials.length]).toEqual([[1, 2, 3], 3])
  })

  it('leaves nothing in a folder in which nothing came of it, so that it can be started with other options', async () => {
    const folder = await newFolder()
    const fault = () => Promise.reject(new TypeError('no such column'))
    await expect(tune(fault, { space, trials: 2, folder })).rejects.toThrow('no such column')
    expect((await tune(run, { space, trials: 3, folder })).trials).toHaveLength(3)
    // Once a trial is kept the search is, too.
    await expect(tune(fault, { space, trials: 4, folder, resume: true })).rejects.toThrow('trials (3 there')
    expect(await readdir(folder)).toEqual(['trials.jsonl', 'tune.json'])
  })

  const damages: readonly (readonly [string, (file: string) => Promise<void>, string])[] = [
    [
      'a link',
      async (file) => {
        await rename(file, `${file}.elsewhere`)
        await symlink(`${file}.elsewhere`, file)
      },
      'PATH_ESCAPES',
    ],
    [
      'no plain file',
      async (file) => {
        await rm(file)
        await mkdir(file)
      },
      'CHECKPOINT_INVALID',
    ],
    ['larger than it can be', (file) => truncate(file, 65 * 1024 * 1024), 'CHECKPOINT_INVALID'],
  ]
  it.each(
    damages.flatMap(([what, damage, code]) =>
      ['trials.jsonl', 'tune.json'].map((name) => [name, what, damage, code] as const),
    ),
  )('refuses %s that is %s', async (name, _what, damage, code) => {
    const folder = await newFolder()
    await tune(run, { space, trials: 2, folder })
    await damage(join(folder, name))
    await expect(readSearch(folder)).rejects.toMatchObject({ code })
    await expect(tune(run, { space, trials: 2, folder, resume: true })).rejects.toMatchObject({ code })
  })

  it.each(['run.json', 'manifest.json', 'anything'])(
    'refuses a folder that holds something else, before the first trial: %s',
    async (name) => {
      const folder = await newFolder()
      await mkdir(folder)
      await writeFile(join(folder, name), '{}')
      const trials: Trial[] = []
      const counted = (trial: Trial) => run((trials.push(trial), trial))
      for (const resume of [false, true])
        await expect(tune(counted, { space, trials: 2, folder, resume })).rejects.toMatchObject({
          code: 'OUTPUT_EXISTS',
        })
      expect([trials, await readdir(folder)]).toEqual([[], [name]])
      await rm(join(folder, name))
      // What a run that was killed left is nothing, nor is what it had half-written.
      await writeFile(join(folder, 'run.1-1-1.a.lock'), '')
      await writeFile(join(folder, 'tune.json.partial'), '')
      expect((await tune(run, { space, trials: 2, folder })).trials).toHaveLength(2)
    },
  )

  it('says what is wrong with a space of which nothing goes together, where it is one thing', async () => {
    const refusing = (codes: readonly ('OPTION_UNKNOWN' | 'OPTION_INVALID')[]) => {
      let draws = 0
      return () => {
        const code = codes[draws++ % codes.length]!
        throw new EnsuiteError(code, `it has no option of kind ${draws % codes.length}`)
      }
    }
    const told = (accept: () => void) => tune(run, { space, trials: 2, accept })
    await expect(told(refusing(['OPTION_UNKNOWN', 'OPTION_UNKNOWN']))).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      message: expect.stringMatching(/^tune: space: it has no option/) as string,
    })
    await expect(told(refusing(['OPTION_INVALID']))).rejects.toThrow('tune: space: it has no option')
    await expect(told(refusing(['OPTION_INVALID', 'OPTION_UNKNOWN']))).rejects.toThrow(
      'tune: of 200 draws from the space 0 go together',
    )
  })

  it('refuses a file that no search wrote', async () => {
    const folder = await newFolder()
    await tune(run, { space, trials: 2, folder })
    await appendFile(join(folder, 'trials.jsonl'), '{"trial":"one"}\n')
    await expect(tune(run, { space, trials: 2, folder, resume: true })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('line 3') as string,
    })
  })

  it.each([
    [{ space: {} }, 'names 0 settings'],
    [{ space: { a: { values: [] } } }, 'one value or more'],
    [{ space: { a: { from: 0, to: 1, scale: 'log' as const } } }, 'above 0'],
    [{ space: { a: { from: 2, to: 1 } } }, "space['a'].to must be a number at least 2"],
    [{ space: { a: { from: 0.5, to: 1, whole: true } } }, 'whole number'],
    [{ space: { a: { values: [1], to: 2 } } }, "no option 'to'"],
    [{ space, trials: 0 }, 'trials'],
    [{ space, search: { kind: 'random' as const, least: 2 } }, 'least changes nothing'],
    [{ space, search: { kind: 'halving' as const, least: 2 } }, 'least'],
    [{ space, trails: 3 }, "Did you mean 'trials'?"],
  ])('refuses %j', async (options, message) => {
    await expect(tune(run, options)).rejects.toThrow(message)
  })
})
