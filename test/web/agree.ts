import { expect } from 'vitest'

type Results = Readonly<Record<string, readonly number[]>>

/** Two runtimes gave the same numbers, up to the order in which they add. */
export function expectAgreement(received: Results, expected: Results): void {
  expect(Object.keys(received).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, values] of Object.entries(expected)) {
    expect(received[name]!.length).toBe(values.length)
    // Numbers that are all zero would agree whatever is computed.
    expect(
      values.some((value) => Math.abs(value) > 1e-3),
      `${name} has something to compare`,
    ).toBe(true)
    const largest = Math.max(1, ...values.map(Math.abs))
    for (const [at, value] of values.entries())
      expect(Math.abs(received[name]![at]! - value) / largest, `${name}[${at}]`).toBeLessThan(1e-6)
  }
}
