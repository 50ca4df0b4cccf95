import type { Command } from 'commander';
import { type CommonOptions, installationCommand } from './command.js';

/** Commands that look at the audit trail. */
export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('verify, anchor and export the audit trail');
  installationCommand(
    audit,
    'verify',
    'name every entry that was changed, removed, inserted or moved; exits with 1 if there is any',
  )
    .option('--from <day>', 'first day, UTC: 2026-01-31')
    .option('--to <day>', 'last day, included')
    .option('--checkpoint <file>', 'compare with a checkpoint that was kept elsewhere')
    .action(async (options: CommonOptions & { from?: string; to?: string; checkpoint?: string }) => {
      const { verifyAudit } = await import('../audit.js');
      process.exitCode = await verifyAudit(options);
    });
  installationCommand(
    audit,
    'checkpoint',
    'print the newest signed checkpoint, as JSON, to be kept elsewhere',
  ).action(async (options: CommonOptions) => {
    const { printCheckpoint } = await import('../audit.js');
    process.exitCode = await printCheckpoint(options);
  });
  installationCommand(audit, 'export', 'write the events of a time to a file')
    .option('--format <format>', 'jsonl or csv', 'jsonl')
    .option('--from <time>', 'day, or ISO 8601 time with its offset, included')
    .option('--to <time>', 'day, or ISO 8601 time with its offset, not included')
    .requiredOption('--out <file>', 'where to; - for standard output')
    .action(async (options: CommonOptions & { format: string; from?: string; to?: string; out: string }) => {
      const { exportAudit } = await import('../audit.js');
      process.exitCode = await exportAudit(options);
    });
}
