/** What the language does not have and the runtime of a compiled application provides. */
declare const console: { log(text: string): void };
