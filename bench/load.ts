import autocannon from 'autocannon'

/** What is asked, and how hard. */
export interface Load {
  readonly url: string
  readonly path: string
  readonly body: () => string
  readonly connections: number
  readonly seconds: number
  /** Requests a second over all connections; as many as are answered unless given. */
  readonly rate?: number
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
  /** Other answers, lost connections, and requests without an answer. */
  readonly failed: number
}

/** Asks over connections that stay open, and measures each answer from when its request was written. */
export async function load({ url, path, body, connections, seconds, rate }: Load): Promise<LoadResult> {
  const ok: number[] = []
  const refused: number[] = []
  let other = 0
  const options: autocannon.Options = {
    url: `${url}${path}`,
    connections,
    duration: seconds,
    timeout: 10,
    ...(rate !== undefined && { overallRate: rate }),
    requests: [
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        setupRequest: (request) => ({ ...request, body: body() }),
      },
    ],
  }
  const { errors, timeouts, duration } = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(options, (error: unknown, result) => {
      if (error instanceof Error) reject(error)
      else resolve(result)
    })
    run.on('response', (_, status, __, ms) => {
      if (status === 200) ok.push(ms)
      else if (status === 429 || status === 503) refused.push(ms)
      else other++
    })
  })
  return {
    perSecond: ok.length / duration,
    ok: answers(ok),
    refused: answers(refused),
    failed: other + errors + timeouts,
  }
}

function answers(times: readonly number[]): Answers {
  const sorted = times.toSorted((left, right) => left - right)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) }
}
