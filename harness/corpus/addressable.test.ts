import { expect, test } from 'vitest';
import { Articles, appDataWriter } from './addressable.js';
import { randomStream } from './random.js';
import { Scene, type Writer } from './scene.js';

const identifiers = (write: Writer, kind: number, offsetsS: readonly number[]) => {
  const scene = new Scene(randomStream(1, 'test'), [0]);
  return offsetsS.map(
    (offsetS, position) => write(scene, { offsetS, kind, signer: 0 }, position).tags[0]?.[1],
  );
};

const oneSecond = Array.from({ length: 40 }, () => -5);
const manySeconds = Array.from({ length: 40 }, (_, index) => index - 100);

test.each([
  ['articles', new Articles().write, 30023],
  ['application data', appDataWriter(), 30078],
])('%s of one author in one second stand at different addresses', (_, write, kind) => {
  expect(new Set(identifiers(write, kind, oneSecond)).size).toBe(oneSecond.length);
});

test('over time an author writes new versions of articles', () => {
  const different = new Set(identifiers(new Articles().write, 30023, manySeconds)).size;
  expect(different).toBeGreaterThan(10);
  expect(different).toBeLessThan(30);
});

test('a reaction finds the newest version of an article', () => {
  const articles = new Articles();
  expect(articles.recent(randomStream(1, 'test'))).toBeUndefined();
  const written = identifiers(articles.write, 30023, manySeconds);
  const recent = articles.recent(randomStream(1, 'test'));
  expect(recent?.position).toBe(written.lastIndexOf(recent?.d));
});
