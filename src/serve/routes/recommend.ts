import type { RuleTrace } from '../../recommend/index.ts'
import { readableEvents } from '../kept-events.ts'
import type { Model } from '../models.ts'
import { recommendFor } from '../recommend-for.ts'
import { route, type Route } from '../route.ts'
import { shopOptions } from '../shop-options.ts'
import { foundElsewhere } from '../similar-for.ts'

export const recommendRoutes: readonly Route[] = [
  route({
    name: 'recommend',
    summary: 'What comes next in a session',
    listener: 'public',
    scope: 'read',
    scores: true,
    handle: async (call, parts) => {
      const { session, events: given, k, excludeSeen, model: name } = call.body
      const { rules, dryRun, attribution: asked } = call.body
      const { models, sessions, shop, now } = parts
      if (name !== undefined) models.named(name)
      const started = now()
      const chosen = (): Model =>
        name === undefined ? models.chosen(session ?? call.requestId) : models.named(name)
      const events = given ?? readableEvents(await sessions.read(session!), chosen().current.recommender)
      if (given === undefined) call.stage('session', now() - started)
      const similar = await foundElsewhere({ model: chosen, events, k: k ?? 10 }, parts, call)
      const { model, recommendations } = await recommendFor(
        {
          model: chosen,
          events,
          options: {
            ...(k !== undefined && { k }),
            ...(excludeSeen !== undefined && { excludeSeen }),
            ...shopOptions(shop, {
              requestId: call.requestId,
              rules: rules,
              dryRun,
              attribution: asked,
              similar,
            }),
          },
        },
        parts,
        call,
      )
      const { items, unknown, predictions, fallback, attribution, trace } = recommendations
      return {
        // Without rules and a catalogue an answer is all the model's, or all of what stands in.
        items: items.map(({ source = fallback === undefined ? 'model' : 'popular', ...item }) => ({
          ...item,
          source,
        })),
        unknown: [...unknown],
        ...(predictions && { predictions: { ...predictions } }),
        ...(fallback && { fallback }),
        ...(attribution !== undefined && { attribution }),
        ...(trace && { trace: trace.map(plainTrace) }),
        model: model.name,
        digest: model.current.digest,
      }
    },
  }),
  route({
    name: 'listModels',
    summary: 'The models that answer, and what they read',
    listener: 'public',
    scope: 'read',
    handle: (_, { models }) => ({
      models: models.list().map(({ name, weight, current: { digest, recommender } }) => ({
        name,
        digest,
        weight,
        items: recommender.items,
        maxLength: recommender.maxLength,
        itemColumn: recommender.itemColumn,
        columns: [...recommender.columns],
        heads: [...recommender.heads],
      })),
    }),
  }),
]

const plainTrace = ({ rule, allowed, removed, added, moved }: RuleTrace) => ({
  rule,
  ...(allowed !== undefined && { allowed }),
  removed: [...removed],
  added: [...added],
  moved: [...moved],
})
