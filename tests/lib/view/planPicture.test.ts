import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text';
import { viewPlan, type PlanView } from '../../../src/core/spec/plan';
import { readPlan } from '../../../src/core/spec/readSpec';
import { layOut } from '../../../src/lib/view/layers';
import {
  EDGES_MAX,
  NODE_HEIGHT,
  NODE_WIDTH,
  NODES_MAX,
  planPicture,
  type PlanPicture,
} from '../../../src/lib/view/planPicture';
import { nodeLabel, planSentences, taskWords } from '../../../src/lib/view/planWords';
import { translate } from '../../../src/lib/strings/translate';
import type { TextKey } from '../../../src/lib/strings/en';
import type { TextParams } from '../../../src/lib/strings/translate';
import '../../texts';

interface Task {
  readonly id: string;
  readonly feature_id?: string;
  readonly depends_on?: readonly string[];
  readonly expected_hash?: string;
}

const HASH = '0'.repeat(64);
const t = <K extends TextKey>(key: K, ...params: TextParams<K>): string => translate('en', key, ...params);

function view(
  tasks: readonly Task[],
  hashes: ReadonlyMap<string, string> | null = new Map([['f', HASH]]),
): PlanView {
  const bytes = toUtf8(JSON.stringify({ tasks: tasks.map((task) => ({ feature_id: 'f', ...task })) }));
  const { value } = readPlan({ name: 'plan.json', bytes });
  if (value === null) throw new Error('no plan');
  return viewPlan(value, hashes);
}

const SIZES = { node: 50, gap: 10, bend: 5, bendsMax: 100 };
const at = (picture: PlanPicture, id: string) => picture.nodes.find((node) => node.id === id)!;

describe('columns', () => {
  it('put each node right of the last one that it waits for, and lead long links past the others', () => {
    const links = [
      { from: 0, to: 1 },
      { from: 1, to: 2 },
      { from: 0, to: 2 },
    ];
    const { column, trails, back, columns } = layOut(4, links, SIZES);
    expect(column).toEqual([0, 1, 2, 0]);
    expect(columns).toBe(3);
    expect(trails.map(({ length }) => length)).toEqual([0, 0, 1]);
    expect(back).toEqual([false, false, false]);
  });

  it('hold for every graph: nothing stands above another, forward links lead right, circles end', () => {
    const graph = fc
      .integer({ min: 1, max: 12 })
      .chain((count) =>
        fc.tuple(
          fc.constant(count),
          fc.array(fc.record({ from: fc.nat(count - 1), to: fc.nat(count - 1) }), { maxLength: 40 }),
        ),
      );
    fc.assert(
      fc.property(graph, ([count, links]) => {
        const { column, y, back, height } = layOut(count, links, SIZES);
        links.forEach(({ from, to }, link) => {
          if (back[link]) return;
          expect(column[to]).toBeGreaterThan(column[from] ?? 0);
        });
        for (const one of column.keys()) {
          expect(y[one]).toBeGreaterThanOrEqual(0);
          expect((y[one] ?? 0) + SIZES.node).toBeLessThanOrEqual(height + 1e-6);
          for (const other of column.keys())
            if (one < other && column[one] === column[other])
              expect(Math.abs((y[one] ?? 0) - (y[other] ?? 0))).toBeGreaterThanOrEqual(SIZES.node - 1e-6);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the picture of a plan', () => {
  it('stands what comes first left, with arrows to what waits', () => {
    const picture = planPicture(
      view([{ id: 'c', depends_on: ['b', 'a'] }, { id: 'b', depends_on: ['a'] }, { id: 'a' }]),
    );
    expect(picture.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(at(picture, 'a').x).toBeLessThan(at(picture, 'b').x);
    expect(at(picture, 'a').followedBy).toEqual(['c', 'b']);
    expect(picture.edges.map(({ from, to, back }) => [from, to, back])).toEqual([
      ['b', 'c', false],
      ['a', 'c', false],
      ['a', 'b', false],
    ]);
    const [first] = picture.edges;
    const [b, c] = [at(picture, 'b'), at(picture, 'c')];
    expect(first?.line.startsWith(`M${b.x + NODE_WIDTH} ${b.y + NODE_HEIGHT / 2}`)).toBe(true);
    expect(first?.head.startsWith(`M${c.x} ${c.y + NODE_HEIGHT / 2}`)).toBe(true);
    for (const { x, y } of picture.nodes) {
      expect(x + NODE_WIDTH).toBeLessThan(picture.width);
      expect(y + NODE_HEIGHT).toBeLessThan(picture.height);
    }
  });

  it('marks a lost feature, a changed one, a circle, and a task that is not there', () => {
    const plan = view([
      { id: 'lost', feature_id: 'gone' },
      { id: 'other', expected_hash: '1'.repeat(64) },
      { id: 'x', depends_on: ['y'], expected_hash: HASH },
      { id: 'y', depends_on: ['x', 'nowhere'] },
      { id: 'z', depends_on: ['y'] },
    ]);
    const picture = planPicture(plan);
    expect(at(picture, 'lost').featureState).toBe('missing');
    expect(at(picture, 'other').featureState).toBe('changed');
    expect([at(picture, 'x').inCycle, at(picture, 'lost').inCycle]).toEqual([true, false]);
    expect(at(picture, 'nowhere').feature).toBeNull();
    expect(picture.edges.filter(({ back }) => back)).toHaveLength(1);
    const said = planSentences(plan, true, t).join('\n');
    for (const words of ['lost (gone)', 'other (f)', 'y (nowhere)', 'in a circle: x, y'])
      expect(said).toContain(words);
    expect(said).not.toContain(t('picture.plan.whole'));
    expect(nodeLabel(at(picture, 'lost'), t)).toContain(t('picture.state.missing'));
    expect(nodeLabel(at(picture, 'nowhere'), t)).toContain('Is waited for by: y');
    expect(nodeLabel(at(picture, 'z'), t)).toContain(t('picture.state.behind'));
    expect(taskWords(plan.tasks[4]!, t)).toEqual({ words: t('picture.state.behind'), wrong: true });
    expect(taskWords(plan.tasks[3]!, t)).toEqual({
      words: 'in a circle, waits for a task that is not there',
      wrong: true,
    });
  });

  it('never says that a feature is there when nothing was there to look it up in', () => {
    const plan = view([{ id: 'a', expected_hash: HASH }], null);
    expect(plan.tasks[0]?.featureState).toBe('not-checked');
    const said = planSentences(plan, false, t);
    expect(said).toContain(t('picture.plan.unchecked'));
    expect(said).not.toContain(t('picture.plan.whole'));
  });

  it('makes names inert', () => {
    const id = `a\u202e<script>✓\u200b${'x'.repeat(500)}`;
    const plan = view([{ id, feature_id: 'gone' }]);
    const picture = planPicture(plan);
    for (const words of [nodeLabel(picture.nodes[0]!, t), ...planSentences(plan, true, t)]) {
      expect(words).toContain('<U+202E>');
      expect(words).not.toMatch(/[\u202e\u200b✓]/);
      expect(words.length).toBeLessThan(400);
    }
  });

  it('is bounded, and draws what is wrong first', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => `t${n}`);
    const plan = view(
      ids.map((id, n) => ({
        id,
        depends_on: ids.slice(Math.max(0, n - 20), n),
        ...(n === 1_999 ? { feature_id: 'gone' } : {}),
      })),
    );
    const picture = planPicture(plan);
    expect(picture.nodes).toHaveLength(NODES_MAX);
    expect(picture.tasksLeft).toBe(2_000 - NODES_MAX);
    expect(picture.edges).toHaveLength(EDGES_MAX);
    expect(picture.edgesLeft).toBeGreaterThan(0);
    expect(at(picture, 't1999').featureState).toBe('missing');
  });

  it('of nothing is nothing', () => {
    const plan = view([]);
    expect(planPicture(plan)).toMatchObject({ nodes: [], edges: [], columns: 0 });
    expect(planSentences(plan, true, t)).toEqual([t('picture.plan.none')]);
  });
});
