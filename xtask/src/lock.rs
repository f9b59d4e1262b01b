//! Locks between commands that run at the same time in one checkout.

use crate::project::{Project, make_private_directory};
use anyhow::{Context, Result};
use std::{
    fs::{File, TryLockError},
    time::Duration,
};

/// Locks between commands: each is held by one command at a time.
pub(crate) enum Lock {
    /// For building, deploying, starting and stopping.
    Stack,
    /// For using the engine of the tests.
    Test,
    /// For using the engine of the load test.
    Load,
}

/// Waits for the lock: two commands at once would overwrite what the other builds, deploys and starts. It is held until the file
/// that this returns is dropped.
pub(crate) async fn acquire(project: &Project, lock: Lock) -> Result<File> {
    make_private_directory(&project.local())?;
    let path = project.local().join(match lock {
        Lock::Stack => "stack.lock",
        Lock::Test => "test.lock",
        Lock::Load => "load.lock",
    });
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if !told {
                    println!("Waiting for another `cargo xtask`");
                    told = true;
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
    }
}
