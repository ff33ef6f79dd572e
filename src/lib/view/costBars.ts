import type { ProviderCost, RoutingView } from '../../core/routing';

/** What the budget says of one provider. Only `bound` and `no-bound` are drawn: nothing else costs dollars. */
export type CostKind = 'bound' | 'no-bound' | 'free' | 'off';

export interface CostBar {
  /** Attacker-controlled. */
  readonly name: string;
  readonly kind: CostKind;
  /** US dollars, exactly as the file says; null unless `bound`. */
  readonly usd: string | null;
  /** Share of the longest bar, up to 1; null when no bar is drawn. A bar without a bound has no end. */
  readonly share: number | null;
}

/** What a run costs at most, in one of five answers. */
export type CostAnswer =
  | { readonly kind: 'bound'; readonly usd: string; readonly names: readonly string[] }
  | { readonly kind: 'no-bound'; readonly names: readonly string[] }
  | { readonly kind: 'free' }
  | { readonly kind: 'nobody' };

/** The shortest bar that can still be seen. */
const SHARE_MIN = 0.01;

export function costBars({ providers }: RoutingView): readonly CostBar[] {
  const most = Math.max(0, ...providers.map(({ atMostUsd }) => atMostUsd ?? 0));
  return providers.map((provider): CostBar => {
    const kind = costKind(provider);
    const usd = kind === 'bound' && provider.atMostUsd !== null ? exactly(provider.atMostUsd) : null;
    const share =
      kind === 'no-bound'
        ? 1
        : usd === null
          ? null
          : Math.max(SHARE_MIN, (provider.atMostUsd ?? 0) / Math.max(most, Number.MIN_VALUE));
    return { name: provider.name, kind, usd, share };
  });
}

export function costKind({ enabled, atMostUsd }: ProviderCost): CostKind {
  if (!enabled) return 'off';
  if (atMostUsd === null) return 'no-bound';
  return atMostUsd === 0 ? 'free' : 'bound';
}

export function costAnswer({ atMostUsd, providers }: RoutingView): CostAnswer {
  if (!providers.some(({ enabled }) => enabled)) return { kind: 'nobody' };
  const paid = providers.filter((one) => ['bound', 'no-bound'].includes(costKind(one)));
  const names = paid.map(({ name }) => name);
  if (atMostUsd === null) return { kind: 'no-bound', names };
  return atMostUsd === 0 ? { kind: 'free' } : { kind: 'bound', usd: exactly(atMostUsd), names };
}

/** Every digit that counts: a rounded bound would be another one. Without exponents, up to the billion that a budget may be. */
export function exactly(amount: number): string {
  const [digits = '', exponent] = String(amount).split('e-');
  return exponent === undefined ? digits : `0.${'0'.repeat(Number(exponent) - 1)}${digits.replace('.', '')}`;
}
