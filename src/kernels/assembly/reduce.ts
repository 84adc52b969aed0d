// 1,024 elements: long enough that float64 costs nothing, short enough that float32 loses nothing that matters.
const BLOCK: usize = 4096

export function sumOfSquares(values: usize, length: u32): f64 {
  const whole: usize = ((<usize>length) & ~15) << 2
  const all: usize = (<usize>length) << 2
  let total: f64 = 0
  let at: usize = 0
  while (at < whole) {
    const end: usize = min<usize>(BLOCK, whole - at) + at
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    while (at < end) {
      const from = values + at
      const p = v128.load(from)
      const q = v128.load(from, 16)
      const r = v128.load(from, 32)
      const s = v128.load(from, 48)
      a = f32x4.add(a, f32x4.mul(p, p))
      b = f32x4.add(b, f32x4.mul(q, q))
      c = f32x4.add(c, f32x4.mul(r, r))
      d = f32x4.add(d, f32x4.mul(s, s))
      at += 64
    }
    const sums = f32x4.add(f32x4.add(a, b), f32x4.add(c, d))
    total += <f64>f32x4.extract_lane(sums, 0)
    total += <f64>f32x4.extract_lane(sums, 1)
    total += <f64>f32x4.extract_lane(sums, 2)
    total += <f64>f32x4.extract_lane(sums, 3)
  }
  while (at < all) {
    const value = <f64>load<f32>(values + at)
    total += value * value
    at += 4
  }
  return total
}

export function fill(values: usize, length: u32, value: f32): void {
  const valuesOf4 = f32x4.splat(value)
  const whole: usize = ((<usize>length) & ~3) << 2
  const all: usize = (<usize>length) << 2
  let at: usize = 0
  while (at < whole) {
    v128.store(values + at, valuesOf4)
    at += 16
  }
  while (at < all) {
    store<f32>(values + at, value)
    at += 4
  }
}

/** target ← kept·target + share·source */
export function blend(target: usize, source: usize, length: u32, kept: f32, share: f32): void {
  const kepts = f32x4.splat(kept)
  const shares = f32x4.splat(share)
  const whole: usize = ((<usize>length) & ~3) << 2
  const all: usize = (<usize>length) << 2
  let at: usize = 0
  while (at < whole) {
    const own = f32x4.mul(v128.load(target + at), kepts)
    v128.store(target + at, f32x4.add(own, f32x4.mul(v128.load(source + at), shares)))
    at += 16
  }
  while (at < all) {
    store<f32>(target + at, load<f32>(target + at) * kept + load<f32>(source + at) * share)
    at += 4
  }
}
