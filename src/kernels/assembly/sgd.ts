// g ← scale·g + decay·p;  p ← p − rate·g
// With momentum μ:  v ← μ·v + g;  p ← p − rate·(own·g + ahead·v), which is v for (0, 1), and Nesterov's g + μ·v for (1, μ).
// Velocities too small for a normal float32 become 0: see adam.ts.

const NORMAL: f32 = 1.1754943508222875e-38

export function sgd(
  parameters: usize,
  gradients: usize,
  length: u32,
  decay: f32,
  rate: f32,
  scale: f32,
): void {
  const decays = f32x4.splat(decay)
  const rates = f32x4.splat(rate)
  const scales = f32x4.splat(scale)
  const whole: usize = ((<usize>length) & ~3) << 2
  const all: usize = (<usize>length) << 2
  let at: usize = 0
  while (at < whole) {
    const p = v128.load(parameters + at)
    const g = f32x4.add(f32x4.mul(v128.load(gradients + at), scales), f32x4.mul(p, decays))
    v128.store(parameters + at, f32x4.sub(p, f32x4.mul(g, rates)))
    at += 16
  }
  while (at < all) {
    const p: f32 = load<f32>(parameters + at)
    const g: f32 = load<f32>(gradients + at) * scale + p * decay
    store<f32>(parameters + at, p - g * rate)
    at += 4
  }
}

export function momentum(
  parameters: usize,
  gradients: usize,
  velocities: usize,
  length: u32,
  decay: f32,
  kept: f32,
  own: f32,
  ahead: f32,
  rate: f32,
  scale: f32,
): void {
  const decays = f32x4.splat(decay)
  const kepts = f32x4.splat(kept)
  const owns = f32x4.splat(own)
  const aheads = f32x4.splat(ahead)
  const rates = f32x4.splat(rate)
  const scales = f32x4.splat(scale)
  const normals = f32x4.splat(NORMAL)
  const whole: usize = ((<usize>length) & ~3) << 2
  const all: usize = (<usize>length) << 2
  let at: usize = 0
  while (at < whole) {
    const p = v128.load(parameters + at)
    const g = f32x4.add(f32x4.mul(v128.load(gradients + at), scales), f32x4.mul(p, decays))
    let v = f32x4.add(f32x4.mul(v128.load(velocities + at), kepts), g)
    v = v128.andnot(v, f32x4.lt(f32x4.abs(v), normals))
    v128.store(velocities + at, v)
    const move = f32x4.add(f32x4.mul(g, owns), f32x4.mul(v, aheads))
    v128.store(parameters + at, f32x4.sub(p, f32x4.mul(move, rates)))
    at += 16
  }
  while (at < all) {
    const p: f32 = load<f32>(parameters + at)
    const g: f32 = load<f32>(gradients + at) * scale + p * decay
    let v: f32 = load<f32>(velocities + at) * kept + g
    if (abs<f32>(v) < NORMAL) v = 0
    store<f32>(velocities + at, v)
    store<f32>(parameters + at, p - (g * own + v * ahead) * rate)
    at += 4
  }
}

/** Row `i` of the compact gradients belongs to row `rows[i]` of the table. */
export function sgdRows(
  parameters: usize,
  gradients: usize,
  rows: usize,
  count: u32,
  width: u32,
  decay: f32,
  rate: f32,
  scale: f32,
): void {
  const stride: usize = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    const offset: usize = <usize>load<u32>(rows + ((<usize>i) << 2)) * stride
    sgd(parameters + offset, gradients + <usize>i * stride, width, decay, rate, scale)
  }
}

export function momentumRows(
  parameters: usize,
  gradients: usize,
  velocities: usize,
  rows: usize,
  count: u32,
  width: u32,
  decay: f32,
  kept: f32,
  own: f32,
  ahead: f32,
  rate: f32,
  scale: f32,
): void {
  const stride: usize = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    const offset: usize = <usize>load<u32>(rows + ((<usize>i) << 2)) * stride
    momentum(
      parameters + offset,
      gradients + <usize>i * stride,
      velocities + offset,
      width,
      decay,
      kept,
      own,
      ahead,
      rate,
      scale,
    )
  }
}
