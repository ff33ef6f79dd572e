import type { PlanTask, PlanView } from '../core/spec/plan.js';
import { claim, line, plural } from './words.js';

/** Tasks, and names of one task, that are told. */
const TASKS_MAX = 40;
const NAMES_MAX = 8;

const FEATURE_WORDS: Readonly<Record<PlanTask['featureState'], string>> = {
  same: '',
  'not-recorded': '',
  changed: ', which changed since',
  missing: ', which is gone',
  'not-checked': ', not checked',
};

/** What waits for what, in the order in which the tasks can begin; those that never can come last. */
export function planLines({ tasks, problems }: PlanView): readonly string[] {
  const steps = tasks.reduce((most, { layer }) => Math.max(most, (layer ?? -1) + 1), 0);
  const rank = ({ layer }: PlanTask): number => layer ?? Infinity;
  const sorted = tasks.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  const left = tasks.length - TASKS_MAX;
  return [
    `Plan: ${plural(tasks.length, 'task')} in ${plural(steps, 'step')}`,
    ...sorted.slice(0, TASKS_MAX).map(taskLine),
    ...(left > 0 ? [`  and ${plural(left, 'more task')}: --json has all of them`] : []),
    ...problems.map(({ text }) => `Plan: ${line(text)}`),
  ];
}

function taskLine({ id, feature, featureState, waitsFor, layer }: PlanTask): string {
  const step = layer === null ? 'never' : String(layer + 1);
  const names = waitsFor.slice(0, NAMES_MAX).map((name) => claim(name));
  const left = waitsFor.length - names.length;
  const waits =
    names.length === 0 ? '' : `; waits for ${names.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
  return `  ${step.padEnd(5)}  ${claim(id)} for ${claim(feature)}${FEATURE_WORDS[featureState]}${waits}`;
}
