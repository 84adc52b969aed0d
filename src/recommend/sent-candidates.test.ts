import { expect, test } from 'vitest'
import { receivedCandidates, sentCandidates } from './sent-candidates.ts'
import type { Candidates, SessionRow } from './session-row.ts'

const candidates = (): Candidates => ({ allowed: Uint8Array.of(1, 0), boosts: Float32Array.of(0.5, 1) })
const row = (of?: Candidates, also?: Candidates): SessionRow => ({
  inputs: { items: Int32Array.of(2) },
  excluded: new Int32Array(0),
  k: 3,
  ...(of && { candidates: of }),
  ...(also && { also: [{ candidates: also, k: 2 }] }),
})

test('candidates are sent once, and come out as they went in', () => {
  const [sent, received] = [sentCandidates(), receivedCandidates()]
  const [one, other] = [candidates(), candidates()]
  const batches = [[row(one), row(one, other), row()], [row(other)], [row()]]
  const added = batches.map((rows) => {
    const batch = sent(rows)
    expect(received(structuredClone(batch))).toEqual(rows)
    return batch.fresh.length
  })
  expect(added).toEqual([2, 0, 0])
})

test('the other side keeps the latest 32, and what a batch needs', () => {
  const [sent, received] = [sentCandidates(), receivedCandidates()]
  const all = Array.from({ length: 50 }, candidates)
  const count = (rows: readonly SessionRow[]): readonly [number, number] => {
    const batch = sent(rows)
    expect(received(batch)).toEqual(rows)
    return [batch.fresh.length, batch.dropped.length]
  }
  expect(count(all.slice(0, 40).map((each) => row(each)))).toEqual([40, 0])
  expect(count([row(all[0])])).toEqual([0, 8])
  expect(count([row(all[1])])).toEqual([1, 1])
  expect(count([row(all[39])])).toEqual([0, 0])
  expect(count([row(all[45]), row(all[0])])).toEqual([1, 1])
})
