// Builds what the portal's pages load into a folder: `node build.mjs <folder>`. The same sources give the same bytes.
//
// Each file's name carries a hash of its content, so that browsers may keep it for ever; manifest.json says which name belongs to what.
// Each file is there twice: as it is, and compressed as all browsers accept it, so that nothing is compressed while somebody waits.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const TYPES = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", txt: "text/plain; charset=utf-8", svg: "image/svg+xml", webp: "image/webp" };

const here = dirname(fileURLToPath(import.meta.url));
const leaflet = join(here, "node_modules/leaflet");

/**
 * Leaflet for a page on which no string can become HTML (Trusted Types). Its controls and popups, which need that, are not used; but two
 * things happen whatever one uses: a test for SVG that every browser passes, and an empty picture in a data: URL, which the policy of
 * content refuses, in the place of tiles that are no longer wanted.
 */
const leafletWithoutHtml = {
  name: "leaflet without HTML",
  setup(build) {
    build.onLoad({ filter: /leaflet-src\.esm\.js$/ }, ({ path }) => ({
      contents: replaceAll(readFileSync(path, "utf8"), [
        [/var inlineSvg = !!svg\$1 && \(function \(\) \{[^]*?\}\)\(\);/, "var inlineSvg = !!svg$1;"],
        [/var vml = !svg\$1 && \(function \(\) \{[^]*?\}\(\)\);/, "var vml = false;"],
        ["tile.src = emptyImageUrl;", "tile.removeAttribute('src');"],
        ["tile.el.setAttribute('src', emptyImageUrl);", "tile.el.removeAttribute('src');"],
        ["tile.getAttribute('src') === emptyImageUrl", "!tile.getAttribute('src')"],
      ]),
    }));
  },
};

/** Leaflet's style sheet without the pictures of controls and markers that are not used. */
const leafletWithoutPictures = {
  name: "leaflet without pictures",
  setup(build) {
    build.onLoad({ filter: /leaflet\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/[^{}]*\{[^{}]*url\([^{}]*\}/g, ""),
      loader: "css",
    }));
  },
};

/** Replaces each text, or ends the build where one is not there: a new Leaflet has to be looked at. */
function replaceAll(text, replacements) {
  for (const [from, to] of replacements) {
    const replaced = text.replace(from, () => to);
    if (replaced === text) throw new Error(`Leaflet has no ${from}`);
    text = replaced;
  }
  return text;
}

const out = process.argv[2];
if (out === undefined) {
  console.error("usage: node build.mjs <folder>");
  process.exit(2);
}

const { outputFiles, metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/portal.ts", "style.css", "map.css"],
  outdir: "out",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  // Leaflet's package.json names a form of which nothing can be left out.
  alias: { leaflet: join(leaflet, "dist/leaflet-src.esm.js"), "leaflet.css": join(leaflet, "dist/leaflet.css") },
  format: "esm",
  target: ["es2020", "chrome90", "firefox91"],
  minify: true,
  legalComments: "inline",
  metafile: true,
  write: false,
  plugins: [leafletWithoutHtml, leafletWithoutPictures],
  logLevel: "warning",
});

const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
const names = new Map();
for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
  const file = basename(path);
  const isPage = entryPoint !== undefined && ["src/portal.ts", "style.css", "map.css"].includes(entryPoint);
  names.set(isPage ? basename(entryPoint).replace(/\.ts$/, ".js") : file, file);
}

/** Takes a file along as it is. */
function copy(path, name) {
  const content = readFileSync(path);
  const file = name.replace(".", `-${createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase()}.`);
  files.set(file, content);
  names.set(name, file);
}
// Whoever gets Leaflet is to get its licence too.
copy(join(leaflet, "LICENSE"), "leaflet-licence.txt");
copy(join(here, "icon.svg"), "icon.svg");
for (const picture of readdirSync(join(here, "help"))) copy(join(here, "help", picture), picture);

const folder = resolve(out);
if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, "manifest.json"))) {
  throw new Error(`${out} holds something else`);
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [file, content] of files) {
  writeFileSync(join(folder, file), content);
  writeFileSync(join(folder, `${file}.gz`), gzipSync(content, { level: 9 }));
}
const manifest = {};
for (const name of [...names.keys()].sort()) {
  const file = names.get(name);
  manifest[name] = { file, type: TYPES[file.split(".").pop()] };
}
writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
