// Whether what somebody typed means an option: the unit "Dinas Bina Marga" by `bina`, `marga din` or `dbm`.

/** An option's words as they are compared, and the first letters of its name. */
export interface Searchable {
  readonly words: readonly string[];
  readonly acronym: string;
}

/** What an option is found by: its name, and words that its author added. */
export function searchable(name: string, moreWords: string): Searchable {
  const words = split(name);
  return { words: [...words, ...split(moreWords)], acronym: words.map((word) => word.charAt(0)).join("") };
}

/** Whether each word typed begins a word of the option, or is its acronym, of which three letters from the middle are enough. */
export function matches({ words, acronym }: Searchable, typed: string): boolean {
  return split(typed).every(
    (part) =>
      words.some((word) => word.startsWith(part)) ||
      (part.length >= 2 && acronym.startsWith(part)) ||
      (part.length >= 3 && acronym.includes(part)),
  );
}

/** The words of a text without case and accents. */
function split(text: string): string[] {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}
