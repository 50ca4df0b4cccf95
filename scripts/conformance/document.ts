import type { Requirement, Specification } from '../../test/conformance/requirement.js';

const INTRODUCTION = [
  '# Conformance',
  '',
  'Every MUST of the specifications below that concerns an authorization server, in our own words, with the tests that show',
  'it, with why it does not apply, or with how far we do otherwise. Written by `npm run conformance` from `test/conformance`',
  'and the titles of the tests; a requirement without a test fails it, and the test suite. Each chapter says which text its',
  'list was compared with.',
  '',
].join('\n');

/** What is wrong with the list: requirements that name no test that exists, one line each. */
export function faultsOf(
  specifications: readonly Specification[],
  titles: ReadonlyMap<string, string>,
): string[] {
  return specifications.flatMap(({ name, requirements }) =>
    requirements.flatMap((requirement) =>
      missing(requirement, titles).map((what) => `${name} §${requirement.section}: ${what}`),
    ),
  );
}

function missing(
  { demand, tests, notApplicable }: Requirement,
  titles: ReadonlyMap<string, string>,
): string[] {
  if (tests.length === 0) return notApplicable ? [] : [`"${demand}" has neither a test nor a reason`];
  return tests.filter((title) => !titles.has(title)).map((title) => `there is no test "${title}"`);
}

/** docs/conformance.md */
export function conformanceDocument(
  specifications: readonly Specification[],
  titles: ReadonlyMap<string, string>,
): string {
  const summary = specifications.map(({ name, title, requirements }) => {
    const applying = requirements.filter(({ tests }) => tests.length > 0);
    const deviating = applying.filter(({ deviation }) => deviation).length;
    const counts = [applying.length - deviating, deviating, requirements.length - applying.length];
    return `| [${name}](#${anchor(name)}) | ${title} | ${counts.join(' | ')} |`;
  });
  return [
    INTRODUCTION,
    '| document | | shown | deviates | not applicable |\n| --- | --- | --- | --- | --- |',
    `${summary.join('\n')}\n`,
    ...specifications.map((specification) => chapter(specification, titles)),
  ].join('\n');
}

function chapter(
  { name, url, compared, requirements }: Specification,
  titles: ReadonlyMap<string, string>,
): string {
  const rows = requirements.map(
    (requirement) =>
      `| ${requirement.section} | ${cell(requirement.demand)} | ${evidence(requirement)} | ${files(requirement.tests, titles)} |`,
  );
  return [
    `## ${name}\n\n<${url}>\n`,
    compared ? `Compared sentence by sentence with ${compared}.\n` : 'Not compared with the text itself.\n',
    '| § | demand | shown by | in |\n| --- | --- | --- | --- |',
    `${rows.join('\n')}\n`,
  ].join('\n');
}

function evidence({ tests, notApplicable, deviation }: Requirement): string {
  if (notApplicable) return `*not applicable: ${cell(notApplicable)}*`;
  const lines = tests.map(cell);
  return (deviation ? [`**deviates: ${cell(deviation)}**`, ...lines] : lines).join('<br>');
}

function files(tests: readonly string[], titles: ReadonlyMap<string, string>): string {
  const names = [...new Set(tests.map((title) => titles.get(title) ?? ''))];
  return names.map((file) => `[${file.replace(/^test\//, '')}](../${file})`).join('<br>');
}

/** No markup of a title is meant as such. */
function cell(text: string): string {
  return text.replaceAll(/[\\|*_<>`[\]]/g, (character) => `\\${character}`);
}

function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}
