/** Longest beginning of a word that is kept: a query's longer words are cut to it. */
const LONGEST_PREFIX = 12;
const MOST_TERMS = 600;
const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]+/gu;

/**
 * The terms under which a text is found: the beginnings of its words and, for scripts that leave no space between
 * words, its characters and pairs of them (as Lucene's CJK analyzer does). Stored as an array under an index.
 */
export function searchTerms(...texts: readonly (string | null | undefined)[]): string[] {
  const terms = new Set<string>();
  for (const text of texts) {
    for (const word of wordsOf(text ?? '')) {
      for (const term of word.ideographs ? gramsOf(word.text, [1, 2]) : beginningsOf(word.text)) terms.add(term);
      if (terms.size >= MOST_TERMS) return [...terms].slice(0, MOST_TERMS);
    }
  }
  return [...terms];
}

/** What a query asks for: `{ terms: { $all: queryTerms(query) } }`. Empty when it has no letter or digit. */
export function queryTerms(query: string): string[] {
  const terms = new Set<string>();
  for (const word of wordsOf(query)) {
    if (!word.ideographs) terms.add(beginningsOf(word.text).at(-1) ?? word.text);
    else for (const gram of gramsOf(word.text, [Math.min(2, [...word.text].length)])) terms.add(gram);
  }
  return [...terms].slice(0, 20);
}

/** Compatibility forms made one, cases and accents folded; split at all but letters, marks and digits. */
function wordsOf(text: string): { text: string; ideographs: boolean }[] {
  const folded = text.normalize('NFKD').replaceAll(/\p{Script=Latin}\p{M}+/gu, (letter) => letter.slice(0, 1));
  const words =
    folded
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.flatMap((word) => {
    const runs = word.match(IDEOGRAPHS) ?? [];
    const rest = word.split(IDEOGRAPHS).filter((part) => part !== '');
    return [
      ...runs.map((run) => ({ text: run, ideographs: true })),
      ...rest.map((part) => ({ text: part, ideographs: false })),
    ];
  });
}

function beginningsOf(word: string): string[] {
  const letters = [...word].slice(0, LONGEST_PREFIX);
  return letters.map((_, end) => letters.slice(0, end + 1).join(''));
}

function gramsOf(run: string, sizes: readonly number[]): string[] {
  const letters = [...run];
  return sizes.flatMap((size) =>
    letters.slice(0, letters.length - size + 1).map((_, start) => letters.slice(start, start + size).join('')),
  );
}
