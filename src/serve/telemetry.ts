import type * as OpenTelemetry from '@opentelemetry/api'
import { optionalPackage } from '../optional-package.ts'

/** A request as a span of OpenTelemetry. */
export interface RequestSpan {
  /** A stage that took place, in milliseconds. */
  stage(name: string, ms: number): void
  end(status: number): void
}

export interface Telemetry {
  begin(name: string, headers: Readonly<Record<string, string | readonly string[] | undefined>>): RequestSpan
}

const nothing: RequestSpan = { stage: () => undefined, end: () => undefined }
export const noTelemetry: Telemetry = { begin: () => nothing }

/**
 * Spans through `@opentelemetry/api`, which goes to whatever the process has registered there (`node --import ./telemetry.mjs`). A caller's
 * `traceparent` is the parent. Throws `PACKAGE_MISSING` where it is not installed.
 */
export async function openTelemetry(): Promise<Telemetry> {
  const { context, propagation, SpanKind, SpanStatusCode, trace } = await optionalPackage<
    typeof OpenTelemetry
  >('@opentelemetry/api', 'Telemetry')
  const tracer = trace.getTracer('ensuite')
  return {
    begin: (name, headers) => {
      const parent = propagation.extract(context.active(), headers)
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent)
      const inside = trace.setSpan(parent, span)
      return {
        stage: (stage, ms) => {
          const end = Date.now()
          tracer.startSpan(stage, { startTime: end - ms }, inside).end(end)
        },
        end: (status) => {
          span.setAttribute('http.response.status_code', status)
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
          span.end()
        },
      }
    },
  }
}
