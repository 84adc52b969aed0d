import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Admission } from './admission.ts'
import type { Models } from './models.ts'
import type { BreakerState } from './vectors/circuit-breaker.ts'
import type { SearchOutcome } from './vectors/live-vectors.ts'
import type { SessionStore } from './sessions/session-store.ts'

/** Where a request's time goes: waiting for its turn, reading its session, encoding its events, scoring, searching the vector store. */
export const stages = ['queue', 'session', 'encode', 'score', 'search'] as const
export type Stage = (typeof stages)[number]

export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  stage(stage: Stage, ms: number): void
  request(said: { readonly route: string; readonly status: number; readonly ms: number }): void
  refused(code: string): void
  /** Tells of a search of the vector store. */
  vectors(outcome: SearchOutcome): void
  close(): void
}

/** Seconds, from half a millisecond: what is scored in a batch takes 1 to 100 ms. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5]

export interface MetricsParts {
  readonly admission: Admission
  readonly explaining: Admission
  readonly models: Models
  readonly sessions: SessionStore
  /** Whether searches are kept from the vector store; undefined where there is none. */
  readonly vectorsState: () => BreakerState | undefined
}

/** Metrics for Prometheus. A registry of its own, so that several servers may be in one process. */
export function createMetrics({
  admission,
  explaining,
  models,
  sessions,
  vectorsState,
}: MetricsParts): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const total = new Histogram({
    name: 'ensuite_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: ['route', 'status'],
    buckets: BUCKETS,
    registers,
  })
  const stage = new Histogram({
    name: 'ensuite_stage_duration_seconds',
    help: 'Time of the stages of recommending: queue, session, encode, score, search.',
    labelNames: ['stage'],
    buckets: BUCKETS,
    registers,
  })
  const refused = new Counter({
    name: 'ensuite_refused_total',
    help: 'Answers that were no success, by code.',
    labelNames: ['code'],
    registers,
  })
  const searches = new Counter({
    name: 'ensuite_vector_searches_total',
    help: 'Searches of the vector store: answered, late, failed, refused (not begun, as it failed too often or is not open).',
    labelNames: ['outcome'],
    registers,
  })
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => {
        made.set(read())
      },
    })
  }
  gauge('ensuite_scoring', 'Requests that are being scored.', () => admission.running)
  gauge('ensuite_waiting', 'Requests that wait to be scored.', () => admission.waiting)
  gauge(
    'ensuite_vector_breaker',
    'Whether searches are kept from the vector store: 0 no, 1 yes, 0.5 one tries it.',
    () => ({ closed: 0, open: 1, probing: 0.5 })[vectorsState() ?? 'closed'],
  )
  gauge(
    'ensuite_explaining',
    'Explanations under way, those that wait included.',
    () => explaining.running + explaining.waiting,
  )
  if (sessions.held !== undefined) {
    gauge('ensuite_sessions', 'Sessions in memory.', () => sessions.held!().sessions)
    gauge('ensuite_session_bytes', 'Bytes of the sessions in memory, about.', () => sessions.held!().bytes)
  }
  const deployed: Gauge = new Gauge({
    name: 'ensuite_model_info',
    help: 'The weight of each model, with the digest of its artifact.',
    labelNames: ['model', 'digest'],
    registers,
    collect: () => {
      deployed.reset()
      for (const { name, weight, current } of models.list())
        deployed.set({ model: name, digest: current.digest.slice(0, 12) }, weight)
    },
  })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    stage: (name, ms) => {
      stage.observe({ stage: name }, ms / 1000)
    },
    request: ({ route, status, ms }) => {
      total.observe({ route, status }, ms / 1000)
    },
    refused: (code) => {
      refused.inc({ code })
    },
    vectors: (outcome) => {
      searches.inc({ outcome })
    },
    close: () => {
      registry.clear()
    },
  }
}
