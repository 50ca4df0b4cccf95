/** How a command ends; 78 for a wrong configuration is CONFIG_EXIT_CODE. */
export const EXIT = {
  ok: 0,
  /** The command failed, or did only a part of its work. */
  failed: 1,
  /** Unknown command, option or argument. */
  usage: 2,
} as const;
