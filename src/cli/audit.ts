import { readFile } from 'node:fs/promises';
import { checkpointHash } from '../identity/audit/checkpointContent.js';
import { newestCheckpoint } from '../identity/audit/checkpointList.js';
import { EXPORT_FORMATS, type ExportFormat, exportHead, exportLine } from '../identity/audit/exportFormat.js';
import { countEvents, type IdRange, idAt, readEventPage } from '../identity/audit/readEvents.js';
import { type TrailFault, type TrailReport, verifyTrail } from '../identity/audit/verifyTrail.js';
import type { Deps } from '../identity/deps.js';
import { parseIsoDate } from '../policies/isoDate.js';
import { EXIT } from './exitCodes.js';
import { eraseLine, showProgress } from './progress.js';
import { withHouse } from './withHouse.js';
import { writeLines } from './writeLines.js';

interface RangeOptions {
  readonly config?: string;
  readonly from?: string;
  readonly to?: string;
}

const PAGE = 1000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Verifies the trail, or the days from `from` to `to`, and compares it with a checkpoint that was kept elsewhere.
 * Faults and what is known go to standard output, progress to standard error. Answers the exit code: failed when
 * anything is wrong.
 */
export async function verifyAudit(
  options: RangeOptions & { readonly json?: boolean; readonly checkpoint?: string },
): Promise<number> {
  const { from, to, checkpoint } = options;
  for (const day of [from, to]) {
    if (day !== undefined && !DAY.test(day)) throw new Error(`${day} is not a day like 2026-01-31`);
  }
  const anchor = checkpoint === undefined ? undefined : await readAnchor(checkpoint);
  const report = await withHouse(options.config, (deps) =>
    verifyTrail(deps, { from, to, anchor, onProgress: ({ entries }) => showProgress(`${entries} verified`) }),
  );
  process.stderr.write(eraseLine());
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textOf(report, checkpoint));
  return report.faults.length > 0 ? EXIT.failed : EXIT.ok;
}

/** Prints the newest checkpoint as one line of JSON, to be kept where nobody who writes this database writes. */
export async function printCheckpoint({ config }: { config?: string }): Promise<number> {
  const newest = await withHouse(config, newestCheckpoint);
  if (!newest) throw new Error('there is no checkpoint yet');
  const { _id: n, at, jws } = newest;
  process.stdout.write(`${JSON.stringify({ n, at, hash: checkpointHash(jws), jws })}\n`);
  return EXIT.ok;
}

/** Writes every event of the time to a file, or to standard output for `-`; the export stands in the trail itself. */
export async function exportAudit(
  options: RangeOptions & { readonly format: string; readonly out: string; readonly json?: boolean },
): Promise<number> {
  const format = EXPORT_FORMATS.find((name) => name === options.format);
  if (!format) throw new Error(`--format is ${EXPORT_FORMATS.join(' or ')}`);
  const range = { after: boundOf(options.from), before: boundOf(options.to) };
  const exported = await withHouse(options.config, async (deps, { actor, origin }) => {
    const entry = { action: 'audit.export', outcome: 'success', actor, origin } as const;
    await deps.audit.record(entry);
    let count = 0;
    const lines = linesOf(deps, format, range, (written) => {
      count = written;
    });
    await writeLines(lines, options.out);
    return count;
  });
  process.stderr.write(eraseLine());
  process.stderr.write(options.json ? `${JSON.stringify({ exported })}\n` : `${exported} events exported\n`);
  return EXIT.ok;
}

async function* linesOf(
  deps: Pick<Deps, 'models' | 'secrets'>,
  format: ExportFormat,
  range: IdRange,
  onWritten: (count: number) => void,
): AsyncGenerator<string> {
  const total = await countEvents(deps, {}, range);
  yield exportHead(format);
  let written = 0;
  for (let after = range.after; ; ) {
    const page = await readEventPage(deps, {}, { ...range, after }, PAGE);
    if (page.length > 0) yield page.map(({ opened }) => exportLine(format, opened)).join('');
    written += page.length;
    onWritten(written);
    showProgress(`${written} of ${total} exported`);
    if (page.length < PAGE) return;
    after = page.at(-1)?.stored._id;
  }
}

function boundOf(moment: string | undefined): string | undefined {
  if (moment === undefined) return undefined;
  const at = parseIsoDate(moment);
  if (at === null) throw new Error(`${moment} is neither a day nor an ISO 8601 time with its offset`);
  return idAt(at);
}

async function readAnchor(file: string): Promise<{ n: number; hash: string }> {
  const { n, hash } = JSON.parse(await readFile(file, 'utf8')) as { n?: unknown; hash?: unknown };
  if (typeof n !== 'number' || typeof hash !== 'string') {
    throw new Error(`${file} holds no checkpoint as \`fieldgate audit checkpoint\` prints it`);
  }
  return { n, hash };
}

const MEANING: Readonly<Record<TrailFault['kind'], string>> = {
  changed: 'the entry was edited',
  missing: 'an entry was removed',
  inserted: 'an entry was inserted',
  moved: 'an entry stands at a place that is not its own',
  truncated: 'the end of the chain was cut off',
  rewritten: 'the entries up to here are not those that were signed',
  dayMissing: 'every entry of the day was removed',
  chainMissing: 'every entry of the chain was removed',
  checkpointForged: 'the checkpoint is not the one that was signed',
  checkpointMissing: 'the checkpoint was removed',
  checkpointDiffers: 'the checkpoint that was kept elsewhere is not in the list',
};

function textOf(report: TrailReport, anchorFile: string | undefined): string {
  const { chains, days, entries, unsigned, checkpoints, cutBefore, adoptedAt, anchor, faults } = report;
  const { newest } = checkpoints;
  const lines = [
    ...faults.map(faultLine),
    `${entries} entries intact in ${chains} chains of ${days} days`,
    newest
      ? `newest checkpoint: ${newest.n}, signed ${newest.at.toISOString()}, ${newest.hash}`
      : 'no checkpoint',
    ...(unsigned > 0 ? [`${unsigned} of the entries are newer than the last checkpoint of their chain`] : []),
    ...(cutBefore
      ? [`retention removed what was before ${cutBefore}; the signed cut is where the trail begins`]
      : []),
    ...(adoptedAt
      ? [`entries from before ${adoptedAt.toISOString()} were taken over as they were found then`]
      : []),
    ...(anchor === 'found' ? [`the checkpoint in ${anchorFile} is in the list`] : []),
    ...(anchor === 'removed' ? [`the checkpoint in ${anchorFile} is from before the cut: not compared`] : []),
    faults.length === 0 ? 'nothing is wrong' : `${faults.length} faults`,
  ];
  return `${lines.join('\n')}\n`;
}

function faultLine({ day, chain, sequence, kind, eventId }: TrailFault): string {
  const where = chain === null ? `checkpoint ${sequence}` : `chain ${chain}, sequence ${sequence}`;
  return `${day ?? 'unknown day'}: ${where}: ${kind}: ${MEANING[kind]}${eventId ? ` (${eventId})` : ''}`;
}
