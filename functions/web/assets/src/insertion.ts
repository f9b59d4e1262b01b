// What is put into a text for a sentence, and what of it is selected.

/** The text to insert between `before` and `after`, and the part of it to select: the first blank, or nothing behind it. */
export function insertion(before: string, sentence: string, after: string): { text: string; select: [number, number] } {
  const lead = before === "" || /\s$/.test(before) ? "" : " ";
  const trail = after === "" || /^[\s.,;:!?)]/.test(after) ? "" : " ";
  const text = lead + sentence + trail;
  const blank = /\[[^\]]*\]/.exec(sentence);
  const end = lead.length + sentence.length;
  if (blank === null) return { text, select: [end, end] };
  const from = lead.length + blank.index;
  return { text, select: [from, from + blank[0].length] };
}
