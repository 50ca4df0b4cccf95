import type { Command } from 'commander';
import { fieldgate } from '../../src/cli/program.js';

const START = '<!-- commands:start (npm run commands) -->';
const END = '<!-- commands:end -->';

/** The document with the commands as the program knows them now. @throws Error when the markers are not there */
export function withCommands(document: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < start) throw new Error(`docs/command-line.md lacks ${START} … ${END}`);
  return `${document.slice(0, start)}${START}\n${reference()}\n${document.slice(end)}`;
}

function reference(): string {
  return fieldgate()
    .commands.flatMap((command) => leaves(command, []))
    .map(section)
    .join('\n');
}

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

function leaves(command: Command, above: readonly string[]): Leaf[] {
  const path = [...above, command.name()];
  if (command.commands.length === 0) return [{ path: path.join(' '), command }];
  return command.commands.flatMap((inner) => leaves(inner, path));
}

/** `--json` and `--config` are told once, above. */
function section({ path, command }: Leaf): string {
  const argumentNames = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  const told = [
    ...command.registeredArguments.map((one, index) => [argumentNames[index] ?? '', one.description]),
    ...command.options
      .filter(({ long }) => long !== '--json' && long !== '--config')
      .map(({ flags, description, defaultValue }) => [
        flags,
        defaultValue === undefined ? description : `${description} (default: ${String(defaultValue)})`,
      ]),
  ].map(([name, meaning]) => `- \`${name}\`: ${meaning}`);
  const title = ['### `fieldgate', path, ...argumentNames].join(' ');
  return [
    `${title}\``,
    '',
    sentence(command.description()),
    ...(told.length > 0 ? ['', ...told] : []),
    '',
  ].join('\n');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
