import type { Admission } from './admission.ts'
import type { Metrics } from './metrics.ts'
import type { Models } from './models.ts'
import type { Shop } from './shop.ts'
import type { SessionStore } from './sessions/session-store.ts'
import type { LiveVectors } from './vectors/live-vectors.ts'

/** What routes work with. */
export interface Parts {
  readonly models: Models
  readonly sessions: SessionStore
  readonly shop: Shop
  /** None: the models' own vectors say what is similar. */
  readonly vectors: LiveVectors | undefined
  readonly admission: Admission
  /** Explanations under way: one at a time, and some that wait. */
  readonly explaining: Admission
  readonly metrics: Metrics
  /** Whether requests are to be sent here: false while it starts and while it shuts down. */
  readonly isReady: () => Promise<boolean>
  /** The OpenAPI document of the routes of this listener. */
  readonly openapi: () => unknown
  /** A clock that only goes forward, in milliseconds: for what is measured. It is not the time, which is `shop.time`. */
  readonly now: () => number
}
