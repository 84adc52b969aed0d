import { Pool } from 'undici'
import { createRandom } from '../src/random.ts'

/** What is asked, and how hard. */
export interface Load {
  readonly url: string
  readonly path: string
  readonly body: () => string
  readonly connections: number
  readonly seconds: number
  /** Requests a second that come whatever becomes of those before, at random times (a Poisson process). Unless given each connection asks again when it was answered. */
  readonly rate?: number
  /** The first seconds of it are counted apart: all connections are opened then, and code that never ran is compiled. Default 0. */
  readonly settling?: number
}

/** Milliseconds of the answers of some kind. */
export interface Answers {
  readonly count: number
  readonly p50: number
  readonly p99: number
}

export interface LoadResult {
  readonly perSecond: number
  readonly ok: Answers
  /** Refused with 429 or 503. */
  readonly refused: Answers
  /** The same from when they were sent, without how late the caller was: what the server itself is answerable for. */
  readonly refusedSinceSent: Answers
  /** Other answers, lost connections, and requests without an answer in ten seconds. */
  readonly failed: number
  /** What was answered and refused of the requests of the first `settling` seconds, which count nowhere else but in `failed`. */
  readonly settled: { readonly ok: Answers; readonly refused: Answers }
  /** How late requests were sent, of what time they were to be: what the caller itself adds to all other times. */
  readonly late: Answers
}

/**
 * Asks over connections that stay open. An answer's time is from when its request was to be sent until it was read, so that one which had to wait for a
 * connection, or for a caller that was busy, is not counted as a fast one.
 */
export async function load(given: Load): Promise<LoadResult> {
  const { url, connections, seconds, rate, settling = 0 } = given
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 10_000, bodyTimeout: 10_000 })
  const first = { ok: [] as number[], refused: [] as number[] }
  const later = { ok: [] as number[], refused: [] as number[] }
  const late: number[] = []
  const sinceSent: number[] = []
  let failed = 0
  const begun = performance.now()
  const ask = async (due: number): Promise<void> => {
    const sent = performance.now()
    late.push(sent - due)
    try {
      const status = await statusOf(pool, given)
      const answered = performance.now()
      const ms = answered - due
      const times = due < begun + settling * 1000 ? first : later
      if (status === 200) times.ok.push(ms)
      else if (status === 429 || status === 503) {
        times.refused.push(ms)
        if (times === later) sinceSent.push(answered - sent)
      } else failed++
    } catch {
      failed++
    }
  }
  const end = begun + seconds * 1000
  if (rate === undefined)
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (performance.now() < end) await ask(performance.now())
      }),
    )
  else await Promise.all(await paced(rate, { begun, end, ask }))
  const lasted = (performance.now() - begun) / 1000 - settling
  await pool.close()
  return {
    perSecond: later.ok.length / lasted,
    ok: answers(later.ok),
    refused: answers(later.refused),
    refusedSinceSent: answers(sinceSent),
    settled: { ok: answers(first.ok), refused: answers(first.refused) },
    failed,
    late: answers(late),
  }
}

interface Pace {
  readonly begun: number
  readonly end: number
  readonly ask: (due: number) => Promise<void>
}

/** Begins requests at their times; gives those that are under way. */
async function paced(rate: number, { begun, end, ask }: Pace): Promise<readonly Promise<void>[]> {
  const random = createRandom(2)
  const asked: Promise<void>[] = []
  let due = begun
  for (;;) {
    due -= (1000 / rate) * Math.log(1 - random.uniform())
    if (due >= end) return asked
    // The shortest pause of a timer is a millisecond: all that is due then is sent.
    while (performance.now() < due) await new Promise((done) => setTimeout(done, 1))
    asked.push(ask(due))
  }
}

async function statusOf(pool: Pool, { path, body }: Load): Promise<number> {
  const { statusCode, body: answer } = await pool.request({
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: body(),
  })
  await answer.dump()
  return statusCode
}

function answers(times: readonly number[]): Answers {
  const sorted = times.toSorted((left, right) => left - right)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) }
}
