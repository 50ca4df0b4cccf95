/** A fenced block of a page whose info string has a second word, which says what it is for. */
export interface Block {
  readonly language: string;
  readonly purpose: string;
  readonly text: string;
  readonly line: number;
}

/**
 * The marked blocks of a page, in order:
 * - `sh run` is run, with the variables of the blocks before it;
 * - `http browser` is an address that somebody opens who signs in and allows everything; sets `CODE` and `RESPONSE`;
 * - `json answer`, `http answer` and `text answer` are what the block before it printed;
 * - `yaml config` stands in docs/oauth/fieldgate.yaml.
 */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+) (\w+)\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = '', 2: purpose = '', 3: text = '', index }) => ({
      language,
      purpose,
      text: text.trim(),
      line: markdown.slice(0, index).split('\n').length,
    }),
  );
}
