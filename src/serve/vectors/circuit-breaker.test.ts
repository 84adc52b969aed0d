import { expect, test } from 'vitest'
import { createCircuitBreaker } from './circuit-breaker.ts'

function breaker(failures = 3) {
  let time = 0
  const made = createCircuitBreaker({ failures, pauseMs: 1000, now: () => time })
  const fail = (times: number): void => {
    for (let at = 0; at < times; at++) made.attempt()!.failed()
  }
  return { breaker: made, fail, pass: (ms: number): void => void (time += ms) }
}

test('failures after one another open it, and a success between them does not let them add up', () => {
  const { breaker: own, fail } = breaker()
  fail(2)
  own.attempt()!.succeeded()
  fail(2)
  expect(own.state).toBe('closed')
  fail(1)
  expect(own.state).toBe('open')
  expect(own.attempt()).toBeUndefined()
})

test('after a pause one call probes, and nothing else is tried until it has ended', () => {
  const { breaker: own, fail, pass } = breaker()
  fail(3)
  pass(999)
  expect(own.attempt()).toBeUndefined()
  pass(1)
  const probe = own.attempt()!
  expect([own.state, probe.isProbe]).toEqual(['probing', true])
  expect(own.attempt()).toBeUndefined()
  pass(5000)
  expect(own.attempt()).toBeUndefined()
  probe.succeeded()
  expect(own.state).toBe('closed')
  expect(own.attempt()!.isProbe).toBe(false)
  // It counts anew.
  fail(2)
  expect(own.state).toBe('closed')
})

test('a probe that fails opens it for another pause', () => {
  const { breaker: own, fail, pass } = breaker()
  fail(3)
  for (let round = 0; round < 3; round++) {
    pass(1000)
    own.attempt()!.failed()
    expect(own.state).toBe('open')
    pass(999)
    expect(own.attempt()).toBeUndefined()
    pass(1)
  }
  own.attempt()!.succeeded()
  expect(own.state).toBe('closed')
})

test('a probe that says nothing leaves the decision to the next call', () => {
  const { breaker: own, fail, pass } = breaker()
  fail(3)
  pass(1000)
  own.attempt()!.dropped()
  expect(own.state).toBe('open')
  own.attempt()!.succeeded()
  expect(own.state).toBe('closed')
  own.attempt()!.dropped()
  fail(2)
  expect(own.state).toBe('closed')
})

test('calls that began before it opened do not decide afterwards', () => {
  const { breaker: own, pass } = breaker(2)
  const [first, second, third, fourth] = [1, 2, 3, 4].map(() => own.attempt()!)
  first!.failed()
  second!.failed()
  expect(own.state).toBe('open')
  pass(900)
  third!.failed()
  fourth!.succeeded()
  expect(own.state).toBe('open')
  pass(100)
  const probe = own.attempt()!
  third!.succeeded()
  expect(own.state).toBe('probing')
  probe.succeeded()
  probe.failed()
  expect(own.state).toBe('closed')
})
