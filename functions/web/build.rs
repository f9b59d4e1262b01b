//! Makes Rust of what is data: the texts in two languages, and the scripts and styles that Node builds.
//!
//! A text that one language lacks, or whose blanks differ, fails the build.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

type Anyhow<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Anyhow<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("texts.rs"), texts(&root)?)?;
    fs::write(out.join("static_files.rs"), static_files(&root, &out)?)?;
    Ok(())
}

/// A method for each text: of `Texts`, with one argument for each `{blank}` of it.
fn texts(root: &Path) -> Anyhow<String> {
    println!("cargo::rerun-if-changed=locales");
    let read = |language: &str| -> Anyhow<BTreeMap<String, String>> {
        let text = fs::read_to_string(root.join("locales").join(format!("{language}.toml")))?;
        let mut flat = BTreeMap::new();
        flatten("", &toml::from_str(&text)?, &mut flat)?;
        Ok(flat)
    };
    let (indonesian, english) = (read("id")?, read("en")?);
    let missing: Vec<&String> = indonesian
        .keys()
        .filter(|key| !english.contains_key(*key))
        .chain(english.keys().filter(|key| !indonesian.contains_key(*key)))
        .collect();
    if !missing.is_empty() {
        return Err(format!("these texts stand in one language only: {missing:?}").into());
    }
    let mut code = String::from("impl Texts {\n");
    for (key, id) in &indonesian {
        let en = &english[key];
        let blanks = blanks(id);
        let sorted = |mut blanks: Vec<String>| {
            blanks.sort();
            blanks
        };
        if sorted(blanks.clone()) != sorted(self::blanks(en)) {
            return Err(format!("the blanks of {key} differ between the languages").into());
        }
        if blanks.is_empty() {
            code += &format!(
                "    pub(crate) fn {key}(self) -> &'static str {{ match self.0 {{ Language::Id => {id:?}, Language::En => {en:?} }} }}\n"
            );
        } else {
            let arguments: Vec<String> =
                blanks.iter().map(|blank| format!("{blank}: impl std::fmt::Display")).collect();
            code += &format!(
                "    pub(crate) fn {key}(self, {}) -> String {{ match self.0 {{ Language::Id => format!({id:?}), Language::En => format!({en:?}) }} }}\n",
                arguments.join(", ")
            );
        }
    }
    Ok(code + "}\n")
}

fn flatten(prefix: &str, table: &toml::Table, flat: &mut BTreeMap<String, String>) -> Anyhow<()> {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}_{key}") };
        if let Some(table) = value.as_table() {
            flatten(&key, table, flat)?;
        } else if let Some(text) = value.as_str().filter(|text| !text.trim().is_empty()) {
            flat.insert(key, text.to_owned());
        } else {
            return Err(format!("{key} is no text").into());
        }
    }
    Ok(())
}

/// The names between braces, each once, in the order of the text.
fn blanks(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect();
    let mut known = std::collections::BTreeSet::new();
    found.retain(|name| known.insert(name.clone()));
    found
}

/// Has Node build scripts and styles, and names each with its compressed form.
fn static_files(root: &Path, out: &Path) -> Anyhow<String> {
    let assets = root.join("assets");
    for watched in ["build.mjs", "package-lock.json", "src", "style.css", "map.css", "icon.svg", "help"] {
        println!("cargo::rerun-if-changed=assets/{watched}");
    }
    let lock = assets.join("package-lock.json");
    let installed = assets.join("node_modules/.package-lock.json");
    let is_installed = match (fs::metadata(&lock), fs::metadata(&installed)) {
        (Ok(lock), Ok(installed)) => installed.modified()? >= lock.modified()?,
        _ => false,
    };
    if !is_installed {
        run(Command::new("npm")
            .args(["ci", "--ignore-scripts=false", "--no-audit", "--no-fund"])
            .current_dir(&assets))?;
    }
    let built = out.join("assets");
    run(Command::new("node").arg("build.mjs").arg(&built).current_dir(&assets))?;
    let manifest: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&fs::read_to_string(built.join("manifest.json"))?)?;
    let mut code = String::from("pub(crate) static FILES: &[StaticFile] = &[\n");
    for (name, entry) in &manifest {
        let (file, kind) = (&entry["file"], &entry["type"]);
        let path = built.join(format!("{file}.gz"));
        let path = path.to_str().ok_or("the build folder's name is no text")?;
        code += &format!(
            "    StaticFile {{ name: {name:?}, file: {file:?}, content_type: {kind:?}, gzip: include_bytes!({path:?}) }},\n"
        );
    }
    Ok(code + "];\n")
}

fn run(command: &mut Command) -> Anyhow<()> {
    let output = command.output().map_err(|error| {
        format!("{command:?} cannot be started ({error}); Node 20 or newer is needed to build the portal")
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&said)).into())
}
