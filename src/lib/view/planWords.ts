import type { PlanTask, PlanView } from '../../core/spec/plan';
import type { TextKey } from '../strings/en';
import type { TextParams } from '../strings/translate';
import { hostileLine } from './hostileLine';
import { isBehind, isOpen, type PlanNode } from './planPicture';

type Translate = <K extends TextKey>(key: K, ...params: TextParams<K>) => string;

/** Longest name within a sentence. */
const NAME_MAX = 60;
/** Longest name within a box. */
const BOX_MAX = 22;
/** Names and circles that a sentence tells. */
const TOLD_MAX = 5;

/** What is wrong in a plan, in sentences; what was checked and found right when nothing is. Names become inert. */
export function planSentences({ tasks, problems }: PlanView, features: boolean, t: Translate): string[] {
  if (tasks.length === 0) return [t('picture.plan.none')];
  const missing = tasks.filter(({ featureState }) => featureState === 'missing');
  const changed = tasks.filter(({ featureState }) => featureState === 'changed');
  const absent = tasks.filter((task) => task.absent.length > 0);
  const cycles = problems.filter(({ kind }) => kind === 'cycle');
  const pair = (task: PlanTask, other: string): string =>
    t('picture.plan.pair', { task: name(task.id), other: name(other) });
  const told = (
    some: readonly PlanTask[],
    other: (task: PlanTask) => string,
  ): { n: number; names: string } => ({
    n: some.length,
    names: listed(
      some.map((task) => pair(task, other(task))),
      t,
    ),
  });
  const wrong = [
    ...(missing.length === 0
      ? []
      : [
          t(
            'picture.plan.missing',
            told(missing, ({ feature }) => feature),
          ),
        ]),
    ...(changed.length === 0
      ? []
      : [
          t(
            'picture.plan.changed',
            told(changed, ({ feature }) => feature),
          ),
        ]),
    ...(absent.length === 0
      ? []
      : [
          t(
            'picture.plan.absent',
            told(absent, (task) => task.absent[0] ?? ''),
          ),
        ]),
    ...cycles.slice(0, TOLD_MAX).map((cycle) => cycleSentence(cycle.tasks, t)),
    ...(cycles.length > TOLD_MAX ? [t('picture.plan.cycles', { n: cycles.length - TOLD_MAX })] : []),
  ];
  const right = wrong.length > 0 ? [] : [t(features ? 'picture.plan.whole' : 'picture.plan.wholeUnchecked')];
  return [...wrong, ...right, ...(features ? [] : [t('picture.plan.unchecked')])];
}

function cycleSentence(tasks: readonly string[], t: Translate): string {
  const [only] = tasks;
  if (tasks.length === 1) return t('picture.plan.self', { name: name(only ?? '') });
  return t('picture.plan.cycle', { names: listed(tasks.map(name), t) });
}

/** The words below a task: what is wrong, else how it stands with its feature. */
export function stateWords(
  { featureState, inCycle, behind }: Pick<PlanNode, 'featureState' | 'inCycle' | 'behind'>,
  t: Translate,
): string {
  if (featureState === null) return t('picture.state.absent');
  const state = t(`picture.state.${featureState}`);
  if (!inCycle && !behind) return state;
  const circle = t(inCycle ? 'picture.state.cycle' : 'picture.state.behind');
  const fine = featureState === 'same' || featureState === 'not-recorded';
  return fine ? circle : t('picture.state.both', { one: state, two: circle });
}

/** State of a task for the table, with everything that is wrong. */
export function taskWords(task: PlanTask, t: Translate): { readonly words: string; readonly wrong: boolean } {
  const state = stateWords({ ...task, behind: isBehind(task) }, t);
  if (task.absent.length === 0) return { words: state, wrong: isOpen(task) };
  const absent = t('picture.state.waitsAbsent');
  const fine = task.layer !== null && (task.featureState === 'same' || task.featureState === 'not-recorded');
  return { words: fine ? absent : t('picture.state.both', { one: state, two: absent }), wrong: true };
}

/** What stands in the box of a task: inert, and cut to what fits. */
export function boxWords(
  node: PlanNode,
  t: Translate,
): { readonly id: string; readonly feature: string; readonly state: string } {
  const { id, feature } = node;
  return {
    id: hostileLine(id, BOX_MAX),
    feature: feature === null ? '' : hostileLine(feature, BOX_MAX),
    state: stateWords(node, t),
  };
}

/** One task as somebody hears it: the words of its box first, whole names where the box has not the room. */
export function nodeLabel(node: PlanNode, t: Translate): string {
  const { id, feature, state } = boxWords(node, t);
  const followed =
    node.followedBy.length === 0 ? t('picture.plan.nobody') : listed(node.followedBy.map(name), t);
  const waits = node.waitsFor.length === 0 ? t('picture.plan.nothing') : listed(node.waitsFor.map(name), t);
  const label =
    node.feature === null
      ? t('picture.plan.labelAbsent', { task: id, state, followed })
      : t('picture.plan.label', { task: id, feature, state, waits, followed });
  if (Math.max(node.id.length, node.feature?.length ?? 0) <= BOX_MAX) return label;
  const whole = [node.id, node.feature].flatMap((text) => (text === null ? [] : [hostileLine(text)]));
  return `${label} ${t('picture.plan.wholeNames', { names: whole.join(', ') })}`;
}

/** Some of the names, and how many more. */
export function listed(names: readonly string[], t: Translate, most = TOLD_MAX): string {
  const rest = names.length - most;
  const first = names.slice(0, most).join(', ');
  return rest > 0 ? `${first} ${t('picture.plan.more', { n: rest })}` : first;
}

function name(text: string): string {
  return hostileLine(text, NAME_MAX);
}
