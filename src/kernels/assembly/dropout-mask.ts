// Marsaglia's xorshift128 in four lanes: a step makes sixteen bytes, a byte decides one element.
// `state` holds x, y, z, w of the four lanes, four words each. `last` is the largest byte that keeps its element.

export function dropoutMask(state: usize, mask: usize, length: u32, last: i32, value: f32): void {
  const lasts = i8x16.splat(<i8>last)
  const kept = f32x4.splat(value)
  const whole: usize = ((<usize>length) & ~15) << 2
  const rest: u32 = length & 15
  let x = v128.load(state)
  let y = v128.load(state, 16)
  let z = v128.load(state, 32)
  let w = v128.load(state, 48)
  let at: usize = 0
  while (at < whole) {
    const t = v128.xor(x, i32x4.shl(x, 11))
    x = y
    y = z
    z = w
    w = v128.xor(v128.xor(w, i32x4.shr_u(w, 19)), v128.xor(t, i32x4.shr_u(t, 8)))
    // 0 or −1 in a byte, widened with its sign to 0 or −1 in a word: a bit mask over the kept value.
    const keep = i8x16.le_u(w, lasts)
    const low = i16x8.extend_low_i8x16_s(keep)
    const high = i16x8.extend_high_i8x16_s(keep)
    const to = mask + at
    v128.store(to, v128.and(kept, i32x4.extend_low_i16x8_s(low)))
    v128.store(to, v128.and(kept, i32x4.extend_high_i16x8_s(low)), 16)
    v128.store(to, v128.and(kept, i32x4.extend_low_i16x8_s(high)), 32)
    v128.store(to, v128.and(kept, i32x4.extend_high_i16x8_s(high)), 48)
    at += 64
  }
  if (rest > 0) {
    const t = v128.xor(x, i32x4.shl(x, 11))
    x = y
    y = z
    z = w
    w = v128.xor(v128.xor(w, i32x4.shr_u(w, 19)), v128.xor(t, i32x4.shr_u(t, 8)))
  }
  v128.store(state, x)
  v128.store(state, y, 16)
  v128.store(state, z, 32)
  v128.store(state, w, 48)
  // The last step's bytes now lie in memory, in `w`; those that no element needs are dropped.
  for (let i: u32 = 0; i < rest; i++) {
    const keep = load<u8>(state + 48 + i) <= <u8>last
    store<f32>(mask + whole + ((<usize>i) << 2), keep ? value : 0)
  }
}
