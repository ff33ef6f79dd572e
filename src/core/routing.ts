import { readTyped, step, type DocumentSource } from './documents/readDocument.js';
import type { PlanDocument } from './generated/plan.js';
import type { Place } from './generated/report.js';
import type { RoutingDocument } from './generated/routing.js';
import { validate } from './generated/routing.validate.js';
import type { Reading } from './spec/readSpec.js';

export interface Routing {
  readonly document: RoutingDocument;
  readonly placeOf: (pointer: string) => Place;
}

/** Where a provider is reached, as its `base_url` says. */
export type ProviderWhere = 'this-machine' | 'elsewhere' | 'not-said';

export interface ProviderCost {
  readonly name: string;
  readonly enabled: boolean;
  readonly where: ProviderWhere;
  /** Capability and model, in the order of the file. */
  readonly models: readonly { readonly capability: string; readonly model: string }[];
  /** The most that a run may spend here, in US dollars; null when nothing bounds it. */
  readonly atMostUsd: number | null;
  /** Tasks of the plan that it may be chosen for; null without a plan. */
  readonly tasksAtMost: number | null;
  /** True when it may be asked because another one failed. */
  readonly fallback: boolean;
}

export interface RoutingNote {
  readonly kind: 'no-budget' | 'nobody-enabled' | 'fallback-unknown' | 'capability-unserved';
  readonly text: string;
  readonly action: string;
  readonly where: Place;
}

/** What a run costs at most, and where the money may go. */
export interface RoutingView {
  /** US dollars for the whole run; null when nothing bounds it. Providers share it: their own bounds do not add up. */
  readonly atMostUsd: number | null;
  readonly providers: readonly ProviderCost[];
  /** Requests that one step may lead to: the first, its repetitions, and the fallback. null when the file does not say. */
  readonly triesAtMost: number | null;
  readonly notes: readonly RoutingNote[];
}

/** Reads `routing.yaml`. Attacker-controlled; never throws. */
export function readRouting(source: DocumentSource): Reading<Routing> {
  const read = readTyped<RoutingDocument>(source, validate);
  if ('findings' in read) return { value: null, findings: read.findings };
  return { value: { document: read.document, placeOf: read.placeOf }, findings: [] };
}

/**
 * The answer to "what does a run cost at most, by provider". A routing file holds no prices, so its budget is the
 * only bound; a model that runs on this machine costs no dollars. `plan` tells which providers its tasks may reach.
 */
export function viewRouting({ document, placeOf }: Routing, plan: PlanDocument | null): RoutingView {
  const atMostUsd = boundOf(document);
  const fallback = document.enable_fallback === true ? document.fallback_model : undefined;
  const providers = document.providers.map((provider): ProviderCost => {
    const models = Object.entries(provider.models).map(([capability, model]) => ({ capability, model }));
    const where = whereOf(provider.base_url);
    const isFallback = provider.enabled && models.some(({ model }) => model === fallback);
    const free = !provider.enabled || where === 'this-machine';
    return {
      name: provider.name,
      enabled: provider.enabled,
      where,
      models,
      atMostUsd: free ? 0 : atMostUsd,
      tasksAtMost: plan === null ? null : tasksFor(provider, plan, isFallback),
      fallback: isFallback,
    };
  });
  const paid = providers.some((provider) => provider.atMostUsd !== 0);
  return {
    atMostUsd: paid ? atMostUsd : 0,
    providers,
    triesAtMost: document.max_retries === undefined ? null : 1 + document.max_retries + (fallback ? 1 : 0),
    notes: notesOf(document, placeOf, plan, paid),
  };
}

/** No budget, or one of 0, which one program reads as "nothing" and another as "no bound", bounds nothing. */
function boundOf({ budget_usd }: RoutingDocument): number | null {
  return budget_usd === undefined || budget_usd === 0 ? null : budget_usd;
}

const LOOPBACK = /^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:\/|$)/i;

function whereOf(address: string | undefined): ProviderWhere {
  if (address === undefined) return 'not-said';
  return LOOPBACK.test(address) ? 'this-machine' : 'elsewhere';
}

type Provider = RoutingDocument['providers'][number];

function serves(provider: Provider, capability: string | undefined): boolean {
  return provider.enabled && (capability === undefined || Object.hasOwn(provider.models, capability));
}

function tasksFor(provider: Provider, plan: PlanDocument, fallback: boolean): number {
  if (fallback) return plan.tasks.length;
  return plan.tasks.filter(({ model_hint }) => serves(provider, model_hint)).length;
}

function notesOf(
  document: RoutingDocument,
  placeOf: Routing['placeOf'],
  plan: PlanDocument | null,
  paid: boolean,
): readonly RoutingNote[] {
  const { budget_usd: budget, providers, fallback_model: fallback, enable_fallback } = document;
  const notes: RoutingNote[] = [];
  if (paid && boundOf(document) === null)
    notes.push({
      kind: 'no-budget',
      text: budget === 0 ? 'The budget is 0, which may mean no bound' : 'Nothing bounds what a run may cost',
      action: 'Write budget_usd with the most that a run may cost.',
      where: placeOf(budget === 0 ? '/budget_usd' : ''),
    });
  if (!providers.some(({ enabled }) => enabled))
    notes.push({
      kind: 'nobody-enabled',
      text: 'No provider is enabled',
      action: 'Enable one, or take the file out.',
      where: placeOf('/providers'),
    });
  const known = providers.some(
    ({ enabled, models }) => enabled && Object.values(models).includes(fallback ?? ''),
  );
  if (enable_fallback === true && !known)
    notes.push({
      kind: 'fallback-unknown',
      text:
        fallback === undefined
          ? 'A fallback is asked for, but no model is named'
          : `No enabled provider has the fallback model ${fallback}`,
      action: 'Name a model that an enabled provider has.',
      where: placeOf(fallback === undefined ? '/enable_fallback' : '/fallback_model'),
    });
  const hints = new Set((plan?.tasks ?? []).flatMap(({ model_hint }) => model_hint ?? []));
  for (const hint of hints) {
    if (providers.some((provider) => serves(provider, hint))) continue;
    notes.push({
      kind: 'capability-unserved',
      text: `The plan asks for ${hint}, which no enabled provider has`,
      action: `Give an enabled provider a model for ${hint}.`,
      where: placeOf(`/providers${step(0)}/models`),
    });
  }
  return notes;
}
