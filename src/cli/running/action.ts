/** What a command's action does: its exit code, by promise. */
export type Act = (exitCode: Promise<number>) => Promise<void>;
