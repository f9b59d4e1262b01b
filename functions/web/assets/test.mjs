// Compiles the tests of a folder, which Node cannot run as TypeScript, and runs them with Node's own runner: `node test.mjs <folder>`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = join(dirname(fileURLToPath(import.meta.url)), process.argv[2] ?? "test");
const compiled = mkdtempSync(join(tmpdir(), "tuntas-portal-test-"));
try {
  const tests = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: tests.map((name) => join(folder, name)),
    outdir: compiled,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
  });
  const files = tests.map((name) => join(compiled, name.replace(/\.ts$/, ".mjs")));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(compiled, { recursive: true });
}
