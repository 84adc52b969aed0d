// g ← scale·g + decay·p;  s ← s + g²;  p ← p − rate·(g / (√s + ε))
// Sums too small for a normal float32 become 0: see adam.ts.

const NORMAL: f32 = 1.1754943508222875e-38

export function adagrad(
  parameters: usize,
  gradients: usize,
  sums: usize,
  length: u32,
  decay: f32,
  rate: f32,
  epsilon: f32,
  scale: f32,
): void {
  const decays = f32x4.splat(decay)
  const rates = f32x4.splat(rate)
  const epsilons = f32x4.splat(epsilon)
  const scales = f32x4.splat(scale)
  const normals = f32x4.splat(NORMAL)
  const whole: usize = ((<usize>length) & ~3) << 2
  const all: usize = (<usize>length) << 2
  let at: usize = 0
  while (at < whole) {
    const p = v128.load(parameters + at)
    const g = f32x4.add(f32x4.mul(v128.load(gradients + at), scales), f32x4.mul(p, decays))
    let s = f32x4.add(v128.load(sums + at), f32x4.mul(g, g))
    s = v128.andnot(s, f32x4.lt(s, normals))
    v128.store(sums + at, s)
    const move = f32x4.mul(f32x4.div(g, f32x4.add(f32x4.sqrt(s), epsilons)), rates)
    v128.store(parameters + at, f32x4.sub(p, move))
    at += 16
  }
  while (at < all) {
    const p: f32 = load<f32>(parameters + at)
    const g: f32 = load<f32>(gradients + at) * scale + p * decay
    let s: f32 = load<f32>(sums + at) + g * g
    if (s < NORMAL) s = 0
    store<f32>(sums + at, s)
    store<f32>(parameters + at, p - (g / (sqrt<f32>(s) + epsilon)) * rate)
    at += 4
  }
}

export function adagradRows(
  parameters: usize,
  gradients: usize,
  sums: usize,
  rows: usize,
  count: u32,
  width: u32,
  decay: f32,
  rate: f32,
  epsilon: f32,
  scale: f32,
): void {
  const stride: usize = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    const offset: usize = <usize>load<u32>(rows + ((<usize>i) << 2)) * stride
    adagrad(
      parameters + offset,
      gradients + <usize>i * stride,
      sums + offset,
      width,
      decay,
      rate,
      epsilon,
      scale,
    )
  }
}

/** s ← s + mean g² of the row;  p ← p − g·(rate / (√s + ε)): one sum for the whole row. */
function adagradRow(
  parameters: usize,
  gradients: usize,
  sum: usize,
  width: u32,
  decay: f32,
  rate: f32,
  epsilon: f32,
  scale: f32,
): void {
  const decays = f32x4.splat(decay)
  const scales = f32x4.splat(scale)
  const whole: usize = ((<usize>width) & ~3) << 2
  const all: usize = (<usize>width) << 2
  let squares = f32x4.splat(0)
  let at: usize = 0
  while (at < whole) {
    const p = v128.load(parameters + at)
    const g = f32x4.add(f32x4.mul(v128.load(gradients + at), scales), f32x4.mul(p, decays))
    squares = f32x4.add(squares, f32x4.mul(g, g))
    at += 16
  }
  const left: f32 = f32x4.extract_lane(squares, 0) + f32x4.extract_lane(squares, 1)
  const right: f32 = f32x4.extract_lane(squares, 2) + f32x4.extract_lane(squares, 3)
  let total: f32 = left + right
  while (at < all) {
    const g: f32 = load<f32>(gradients + at) * scale + load<f32>(parameters + at) * decay
    total += g * g
    at += 4
  }
  let s: f32 = load<f32>(sum) + total / <f32>width
  if (s < NORMAL) s = 0
  store<f32>(sum, s)
  const factor: f32 = rate / (sqrt<f32>(s) + epsilon)
  const factors = f32x4.splat(factor)
  at = 0
  while (at < whole) {
    const p = v128.load(parameters + at)
    const g = f32x4.add(f32x4.mul(v128.load(gradients + at), scales), f32x4.mul(p, decays))
    v128.store(parameters + at, f32x4.sub(p, f32x4.mul(g, factors)))
    at += 16
  }
  while (at < all) {
    const p: f32 = load<f32>(parameters + at)
    const g: f32 = load<f32>(gradients + at) * scale + p * decay
    store<f32>(parameters + at, p - g * factor)
    at += 4
  }
}

export function rowWiseAdagrad(
  parameters: usize,
  gradients: usize,
  sums: usize,
  tableRows: u32,
  width: u32,
  decay: f32,
  rate: f32,
  epsilon: f32,
  scale: f32,
): void {
  const stride: usize = (<usize>width) << 2
  for (let row: u32 = 0; row < tableRows; row++) {
    const offset: usize = <usize>row * stride
    const sum = sums + ((<usize>row) << 2)
    adagradRow(parameters + offset, gradients + offset, sum, width, decay, rate, epsilon, scale)
  }
}

export function rowWiseAdagradRows(
  parameters: usize,
  gradients: usize,
  sums: usize,
  rows: usize,
  count: u32,
  width: u32,
  decay: f32,
  rate: f32,
  epsilon: f32,
  scale: f32,
): void {
  const stride: usize = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    const row: usize = <usize>load<u32>(rows + ((<usize>i) << 2))
    const from = gradients + <usize>i * stride
    adagradRow(parameters + row * stride, from, sums + (row << 2), width, decay, rate, epsilon, scale)
  }
}
