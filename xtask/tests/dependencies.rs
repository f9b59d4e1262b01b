//! Who may depend on whom (design, sections 4 and 7), as a table.
//!
//! A part that depends on more than its job needs can do more than its job, and cannot be understood alone. A crate that
//! is not in the table fails the test: whoever adds one says here what it may use.

use anyhow::{Result, ensure};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

/// What a crate may use of ours, and the AWS services that it may call.
struct May {
    /// Path below the workspace's root.
    lies_in: &'static str,
    crates: Crates,
    /// Suffixes of `aws-sdk-`, for its own dependencies and those of the crates that it uses.
    services: Services,
}

/// Which crates of this workspace a crate may use.
enum Crates {
    These(&'static [&'static str]),
    /// Every crate in `shared/`.
    Shared,
    /// Every crate but the functions.
    Any,
}

/// Which AWS services a crate may have a client for.
enum Services {
    These(&'static [&'static str]),
    Any,
}

const fn shared(
    lies_in: &'static str,
    crates: &'static [&'static str],
    services: &'static [&'static str],
) -> May {
    May { lies_in, crates: Crates::These(crates), services: Services::These(services) }
}

const fn function(lies_in: &'static str, services: &'static [&'static str]) -> May {
    May { lies_in, crates: Crates::Shared, services: Services::These(services) }
}

const TABLE: &[May] = &[
    shared("shared/domain", &[], &[]),
    shared("shared/aws-failure", &[], &[]),
    shared("shared/media", &["jpeg"], &[]),
    shared("shared/jpeg", &[], &[]),
    shared("shared/stack-file", &[], &[]),
    shared("shared/city-folder", &["domain"], &[]),
    shared("shared/store", &["domain", "aws-failure"], &["dynamodb"]),
    shared("shared/runtime", &["domain", "aws-failure"], &[]),
    shared("shared/photos", &["aws-failure", "domain", "store"], &["dynamodb", "s3"]),
    shared("shared/access-log-seals", &["domain", "aws-failure", "store"], &["dynamodb", "s3"]),
    shared("shared/city-clock", &["domain", "aws-failure", "runtime", "store"], &["dynamodb"]),
    shared(
        "shared/officer-commands",
        &["city-clock", "domain", "aws-failure", "runtime", "store"],
        &["dynamodb"],
    ),
    function("functions/submit", &["dynamodb", "s3", "kms", "secretsmanager"]),
    function("functions/assign", &["dynamodb"]),
    function("functions/post-tl", &["dynamodb", "s3"]),
    function("functions/validate", &["dynamodb"]),
    function("functions/verify", &["dynamodb"]),
    function("functions/city", &["dynamodb"]),
    function("functions/read", &["dynamodb", "secretsmanager"]),
    function("functions/web", &["cognitoidentityprovider", "secretsmanager"]),
    function("functions/photo", &["dynamodb", "s3", "secretsmanager"]),
    function("functions/view", &["dynamodb", "s3"]),
    function("functions/track", &["dynamodb", "s3"]),
    function("functions/release", &["dynamodb"]),
    function("functions/seal", &["dynamodb", "s3"]),
    function("functions/notify", &["dynamodb", "sns", "sqs"]),
    function("functions/deliver", &["dynamodb", "kms", "sesv2", "sns"]),
    May { lies_in: "tests", crates: Crates::Any, services: Services::Any },
    shared("tests/baselines", &["media"], &["dynamodb", "kms", "s3", "sns"]),
    May {
        lies_in: "tests/stored_forms",
        crates: Crates::These(&[]),
        services: Services::These(&["dynamodb"]),
    },
    May { lies_in: "tests/features", crates: Crates::Any, services: Services::Any },
    May {
        lies_in: "cli",
        crates: Crates::These(&[
            "domain",
            "aws-failure",
            "media",
            "access-log-seals",
            "city-folder",
            "stack-file",
            "store",
        ]),
        services: Services::Any,
    },
    shared("xtask", &["stack-file"], &[]),
    May {
        lies_in: "xtask/demo",
        crates: Crates::These(&["cli", "media", "stack-file"]),
        services: Services::Any,
    },
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: String,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `null` for what is built into the crate; otherwise `dev` or `build`.
    kind: Option<String>,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    features: Vec<String>,
}

impl Package {
    /// What is built into the crate.
    fn built_in(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|dependency| dependency.kind.is_none())
    }
}

impl Metadata {
    fn read() -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Where a crate lies, below the workspace's root.
    fn place<'a>(&self, package: &'a Package) -> &'a str {
        let path = package.manifest_path.as_str();
        let below = path.strip_prefix(&self.workspace_root).unwrap_or(path);
        below.trim_start_matches('/').trim_end_matches("/Cargo.toml")
    }

    fn named(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// The AWS services that a crate can call, itself and through the crates of ours that it uses.
    fn services<'a>(&'a self, package: &'a Package, services: &mut BTreeSet<&'a str>) {
        for dependency in package.built_in() {
            services.extend(dependency.name.strip_prefix("aws-sdk-"));
            if let Some(ours) = self.named(&dependency.name).filter(|_| dependency.path.is_some()) {
                self.services(ours, services);
            }
        }
    }

    /// Every breach of the table, as a sentence.
    fn breaches(&self, table: &[May]) -> Vec<String> {
        let rows: BTreeMap<&str, &May> = table.iter().map(|row| (row.lies_in, row)).collect();
        let mut breaches = Vec::new();
        for package in &self.packages {
            let place = self.place(package);
            let Some(row) = rows.get(place) else {
                breaches.push(format!("{place} is not in the table"));
                continue;
            };
            // Tests of a crate may use more of the shared crates, but a cycle or a function is none of theirs either.
            for dependency in &package.dependencies {
                let Some(ours) = self.named(&dependency.name).filter(|_| dependency.path.is_some()) else {
                    continue;
                };
                let target = self.place(ours);
                // Whoever stores or reads something keeps its forms.
                if target == "tests/stored_forms" && dependency.kind.as_deref() == Some("dev") {
                    continue;
                }
                let may = match &row.crates {
                    Crates::These(names) => names.contains(&ours.name.as_str()),
                    Crates::Shared => target.starts_with("shared/"),
                    Crates::Any => !target.starts_with("functions/"),
                };
                if !may {
                    breaches.push(format!("{place} depends on {target}"));
                }
                let for_tests = ["fixtures", "openapi", "test-util"];
                let tested = dependency.features.iter().any(|feature| for_tests.contains(&feature.as_str()));
                if tested
                    && dependency.kind.is_none()
                    && !["tests", "tests/features", "xtask/demo"].contains(&place)
                {
                    breaches.push(format!("{place} builds what tests need of {target} in"));
                }
            }
            let mut services = BTreeSet::new();
            self.services(package, &mut services);
            if let Services::These(allowed) = &row.services {
                let more = services.into_iter().filter(|service| !allowed.contains(service));
                breaches.extend(more.map(|service| format!("{place} can call {service}")));
            }
        }
        let places: BTreeSet<&str> = self.packages.iter().map(|package| self.place(package)).collect();
        let stale = table.iter().map(|row| row.lies_in).filter(|place| !places.contains(place));
        breaches.extend(stale.map(|place| format!("{place} is in the table, but not there")));
        breaches
    }
}

#[test]
fn every_crate_depends_on_what_its_job_needs_and_no_more() {
    assert_eq!(Metadata::read().unwrap().breaches(TABLE), Vec::<String>::new());
}

#[test]
fn a_forbidden_dependency_is_found() {
    let package = |place: &str, dependencies: &[(&str, bool)]| Package {
        name: place.rsplit('/').next().unwrap().to_owned(),
        manifest_path: format!("/w/{place}/Cargo.toml"),
        dependencies: dependencies
            .iter()
            .map(|(name, ours)| Dependency {
                name: (*name).to_owned(),
                kind: None,
                path: ours.then(|| "/w".to_owned()),
                features: Vec::new(),
            })
            .collect(),
    };
    let metadata = Metadata {
        workspace_root: "/w".to_owned(),
        packages: vec![
            package("shared/domain", &[("serde", false)]),
            package("shared/store", &[("domain", true), ("aws-sdk-dynamodb", false)]),
            package("functions/read", &[("store", true), ("domain", true)]),
            package("functions/notify", &[("store", true), ("read", true), ("aws-sdk-sns", false)]),
            package("functions/fresh", &[]),
        ],
    };
    let table = [
        shared("shared/domain", &[], &[]),
        shared("shared/store", &["domain"], &["dynamodb"]),
        function("functions/read", &["dynamodb"]),
        function("functions/notify", &["sns"]),
        function("functions/gone", &[]),
    ];
    assert_eq!(
        metadata.breaches(&table),
        [
            "functions/notify depends on functions/read",
            "functions/notify can call dynamodb",
            "functions/fresh is not in the table",
            "functions/gone is in the table, but not there",
        ]
    );
}

/// The paths that a configuration of clippy forbids.
fn forbidden(configuration: &str) -> BTreeSet<&str> {
    let paths = configuration.lines().filter_map(|line| line.split_once("path = \"")?.1.split_once('"'));
    paths.map(|(path, _)| path).collect()
}

#[test]
fn functions_are_forbidden_what_all_are_and_any_client_that_is_not_counted() {
    let all = forbidden(include_str!("../../clippy.toml"));
    let of_functions = forbidden(include_str!("../../functions/clippy.toml"));
    let missing: Vec<_> = all.difference(&of_functions).collect();
    assert_eq!(missing, Vec::<&&str>::new());
    for may in TABLE.iter().filter(|may| may.lies_in.starts_with("functions/")) {
        let Services::These(services) = may.services else { panic!("{} may call anything", may.lies_in) };
        for service in services {
            for way in ["new", "from_conf"] {
                let path = format!("aws_sdk_{service}::Client::{way}");
                assert!(of_functions.contains(path.as_str()), "{} may use {path}", may.lies_in);
            }
        }
    }
}
