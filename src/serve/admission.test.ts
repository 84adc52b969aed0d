import { expect, test } from 'vitest'
import { createAdmission } from './admission.ts'

const overloaded = expect.objectContaining({ code: 'OVERLOADED' }) as Error

/** Tasks that end when they are told to, and a clock that is set. */
function watched(options: { concurrency?: number; queue?: number; withinMs?: number } = {}) {
  let time = 0
  const admission = createAdmission({ concurrency: 2, queue: 3, withinMs: 100, ...options, now: () => time })
  const ends: (() => void)[] = []
  const begun: number[] = []
  const run = (name: number): Promise<number> =>
    admission.run(() => {
      begun.push(name)
      return new Promise((resolve) => ends.push(() => resolve(name)))
    })
  const end = async (at: number): Promise<void> => {
    time = at
    ends.shift()!()
    await new Promise(setImmediate)
  }
  return { admission, run, end, begun, setTime: (at: number) => (time = at) }
}

test('so many run at once, so many wait, and the rest is refused at once', async () => {
  const { admission, run, end, begun } = watched()
  const answers = [1, 2, 3, 4, 5].map(run)
  expect(admission).toMatchObject({ running: 2, waiting: 3 })
  await expect(run(6)).rejects.toThrow(overloaded)
  expect(begun).toEqual([1, 2])
  for (const at of [1, 2, 3, 4, 5]) await end(at)
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5])
  expect(begun).toEqual([1, 2, 3, 4, 5])
  expect(admission).toMatchObject({ running: 0, waiting: 0 })
})

test('what was taken is done though it waits longer than was thought, but not when it waited twice as long', async () => {
  const { run, end, begun } = watched({ concurrency: 1 })
  const [, late, tooLate] = [run(1), run(2), run(3)]
  const refused = expect(tooLate).rejects.toThrow(overloaded)
  await end(200)
  expect(begun).toEqual([1, 2])
  await end(201)
  await refused
  expect(await late).toBe(2)
  expect(begun).toEqual([1, 2])
})

test('what would be done too late is refused when it comes, though there are places', async () => {
  const { admission, run, end } = watched({ concurrency: 20, queue: 100 })
  let time = 0
  const refill = (count: number): void => {
    while (admission.running < count) void run(0)
  }
  // 40 ms between ends: of nine the last would be done after 360 ms.
  for (let at = 0; at < 1000; at++) {
    refill(8)
    await end((time += 40))
  }
  refill(8)
  expect(admission.hasRoom()).toBe(false)
  await expect(run(2)).rejects.toThrow(overloaded)
  // A few are always taken, so that a better time is noticed.
  for (let at = 0; at < 1000; at++) {
    await end((time += 1))
    refill(8)
  }
  expect(admission.hasRoom()).toBe(true)
})

test('where nothing ends those who wait are refused all the same', async () => {
  const started = performance.now()
  const admission = createAdmission({ concurrency: 1, queue: 9, withinMs: 30, now: () => performance.now() })
  void admission.run(() => new Promise(() => undefined))
  await expect(admission.run(() => Promise.resolve())).rejects.toThrow(overloaded)
  expect(performance.now() - started).toBeGreaterThanOrEqual(60)
})

test('a task that fails makes room', async () => {
  const { admission } = watched({ concurrency: 1 })
  await expect(admission.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await admission.run(() => Promise.resolve(7))).toBe(7)
})

test('one at a time: what would be late is refused when it comes', async () => {
  const { admission, run, end } = watched({ concurrency: 1, queue: 100 })
  const answers = [run(0)]
  for (let at = 1; at <= 400; at++) {
    answers.push(run(at))
    await end(50 * at)
  }
  const more = Array.from({ length: 20 }, (_, at) => run(1000 + at).catch(() => 'refused'))
  const refused = await Promise.race([
    Promise.all(more.slice(12)),
    new Promise((done) => setTimeout(done, 50)),
  ])
  expect(refused).toEqual(more.slice(12).map(() => 'refused'))
  expect(admission.waiting).toBeLessThan(12)
  while (admission.running > 0) await end(20_001)
  await Promise.all([...answers, ...more])
})
