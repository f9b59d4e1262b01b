//! Locks between commands that run at the same time in one checkout.

use crate::project::{Project, make_private_directory};
use anyhow::{Context, Result};
use std::{
    fs::{File, TryLockError},
    time::Duration,
};

/// What only one command does at a time.
pub(crate) enum Lock {
    /// Building, deploying, starting and stopping.
    Stack,
    /// Having the tests' engine.
    Test,
    /// Having the engine that load is given to.
    Load,
}

/// Waits until no other command holds this: two at once would build, deploy and start over each other. It is held until what this
/// answers is dropped.
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
