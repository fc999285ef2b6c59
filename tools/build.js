// Builds the page that is shipped: node tools/build.js bundles static/ with esbuild into built/, with source maps and
// with brotli and gzip twins. Called by ./check, by the hook that makes wheels and by the Dockerfile; never calls npm.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const SOURCES = "static";
const TARGET = "built";
/** The entry whose code every module that is loaded later builds on. */
const INSTRUMENT = "js/main.js";
const ENTRIES = [INSTRUMENT, "js/ui/retry.js"];
/** Pages that stand alone: built apart, since what they share with the instrument would be split off its one chunk. */
const APART = ["js/dialogs/trying.js"];
/** Kinds of files that are served; app/web/assets/built.py has the same. */
const SERVED = new Set([".css", ".js", ".json", ".png", ".svg", ".webmanifest", ".woff2"]);
const COMPRESSED = new Set([".css", ".js", ".json", ".svg", ".webmanifest"]);
const LATER = "later";

/** A path as addresses have it. */
function slashed(/** @type {string} */ path) {
  return path.split(sep).join("/");
}

/** Every file below static/ that is served, by its path there, in order. @returns {Promise<string[]>} */
async function sources() {
  const found = await readdir(join(ROOT, SOURCES), { recursive: true });
  const names = found.filter((name) => SERVED.has(extname(name))).map(slashed);
  return names.sort();
}

/** A digest of all that a build depends on; `digest` of app/web/assets/built.py computes the same. */
async function digestOf(/** @type {string[]} */ names) {
  const digest = createHash("sha256");
  for (const path of [...names.map((name) => `${SOURCES}/${name}`), "tools/build.js"])
    digest.update(`${path}\0`).update(await readFile(join(ROOT, path)));
  return digest.digest("hex");
}

/**
 * Lets every module that is loaded by import() also import the instrument, which is loaded before it in any case.
 * esbuild then puts all that the first view needs into one chunk; without this it would split off a chunk for each set
 * of later modules that share some of it.
 * @type {import("esbuild").Plugin}
 */
const later = {
  name: LATER,
  setup(building) {
    building.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      return { path: slashed(relative(ROOT, join(resolveDir, path))), namespace: LATER };
    });
    building.onLoad({ filter: /./, namespace: LATER }, ({ path }) => ({
      contents: `import "./${SOURCES}/${INSTRUMENT}";\nexport * from "./${path}";\n`,
      resolveDir: ROOT,
    }));
  },
};

/** The sheets that no other imports: each is served by its own name. @returns {Promise<string[]>} */
async function sheets(/** @type {string[]} */ names) {
  const own = names.filter((name) => name.startsWith("css/"));
  const texts = await Promise.all(own.map((name) => readFile(join(ROOT, SOURCES, name), "utf8")));
  const imported = new Set(
    texts.flatMap((text) => [...text.matchAll(/@import "\.\/([\w.-]+)"/g)].map(([, name]) => `css/${name}`)),
  );
  return own.filter((name) => !imported.has(name));
}

/**
 * The chunks that an entry imports at once, as names below built/.
 * @param {import("esbuild").Metafile["outputs"]} outputs @param {string} entry @returns {string[]}
 */
function chunksOf(outputs, entry) {
  /** @type {Set<string>} */
  const seen = new Set();
  /** @param {string} name */
  function visit(name) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind !== "import-statement" || seen.has(path)) continue;
      seen.add(path);
      visit(path);
    }
  }
  visit(`${TARGET}/${entry}`);
  return [...seen].map((name) => name.slice(TARGET.length + 1)).sort();
}

/** Entries with all that they import, in memory. @param {string[]} entries @param {import("esbuild").Plugin[]} plugins */
function bundled(entries, plugins) {
  return build({
    absWorkingDir: ROOT,
    entryPoints: entries.map((name) => `${SOURCES}/${name}`),
    outbase: SOURCES,
    outdir: TARGET,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2023",
    charset: "utf8",
    minify: true,
    sourcemap: "linked",
    legalComments: "none",
    chunkNames: "js/[name]-[hash]",
    external: ["*.woff2"], // stands beside the sheets as it does in the sources
    plugins,
    metafile: true,
    write: false,
    logLevel: "warning",
  });
}

async function main() {
  const names = await sources();
  const entries = [...new Set([...ENTRIES, ...(await sheets(names))])];
  const built = await bundled(entries, [later]);
  const apart = await bundled(APART, []);
  const outputs = { ...built.metafile.outputs, ...apart.metafile.outputs };
  /** @type {Map<string, Uint8Array>} */
  const files = new Map(
    [...built.outputFiles, ...apart.outputFiles].map(({ path, contents }) => [
      slashed(relative(join(ROOT, TARGET), path)),
      contents,
    ]),
  );
  for (const name of names)
    if (!/\.(?:js|css)$/.test(name)) files.set(name, await readFile(join(ROOT, SOURCES, name)));
  const manifest = {
    sources: await digestOf(names),
    entries: Object.fromEntries(
      [...entries, ...APART]
        .filter((name) => name.endsWith(".js"))
        .map((name) => [name, chunksOf(outputs, name)]),
    ),
  };
  await write(files, manifest);
}

/** All files at once: a build that is broken off leaves the one before. @param {Map<string, Uint8Array>} files @param {object} manifest */
async function write(files, manifest) {
  const made = join(ROOT, `${TARGET}.${process.pid}.tmp`);
  try {
    for (const [name, body] of files) {
      await mkdir(dirname(join(made, name)), { recursive: true });
      await writeFile(join(made, name), body);
      if (!COMPRESSED.has(extname(name))) continue;
      await writeFile(join(made, `${name}.br`), smallest(body));
      await writeFile(join(made, `${name}.gz`), gzipSync(body, { level: 9 }));
    }
    await writeFile(join(made, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(join(ROOT, TARGET), { recursive: true, force: true });
    await rename(made, join(ROOT, TARGET));
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** The shortest that brotli makes: which of its models fits a file best is known by trying them. @param {Uint8Array} body */
function smallest(body) {
  const modes = [constants.BROTLI_MODE_GENERIC, constants.BROTLI_MODE_TEXT, constants.BROTLI_MODE_FONT];
  const made = modes.map((mode) =>
    brotliCompressSync(body, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_MODE]: mode,
      },
    }),
  );
  return made.reduce((best, one) => (one.length < best.length ? one : best));
}

await main();
