/**
 * Whether one more backend of `total` may be ejected when `ejected` are: at most the share `maxEjected` (0 to 1), but
 * always one. Source: Envoy `max_ejection_percent` with `always_eject_one_host`.
 */
export function mayEject(ejected: number, total: number, maxEjected: number): boolean {
  return ejected < Math.max(1, Math.floor(total * maxEjected + 1e-9));
}
