//! The browser of the portal's tests: Debian's Chromium and its driver.

use crate::process::run_quietly;
use anyhow::{Result, bail};
use std::{fs, os::unix::fs::MetadataExt, path::Path};
use tokio::process::Command;

const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// Sees to it that the tests find a browser; installs it where that is this user's to do.
pub(crate) async fn install() -> Result<()> {
    if runs("chromium").await && runs("chromedriver").await {
        return Ok(());
    }
    // Of Linux alone; elsewhere nobody is root here.
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !is_root || !Path::new("/etc/debian_version").exists() {
        bail!(
            "the portal is tested in a browser: install {} (the names of Debian's packages), so that `chromium` and `chromedriver` can be called",
            PACKAGES.join(" and ")
        );
    }
    apt_get(&["update"]).await?;
    apt_get(&[&["install", "-y", "--no-install-recommends"], PACKAGES.as_slice()].concat()).await
}

async fn runs(program: &str) -> bool {
    run_quietly(Command::new(program).arg("--version"), program).await.is_ok()
}

async fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut apt_get = Command::new("apt-get");
    apt_get.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    run_quietly(&mut apt_get, "apt-get").await.map(drop)
}
