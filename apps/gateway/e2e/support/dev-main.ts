// What `pnpm dev` runs once everything is built.
const script: string = new URL("../../../../scripts/dev.mjs", import.meta.url).href;
const { dev }: { dev(args: readonly string[]): Promise<void> } = await import(script);
await dev(process.argv.slice(2));
