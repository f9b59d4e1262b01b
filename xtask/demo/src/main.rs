//! A report's whole life over HTTP, and who could see what of it at each step.
//!
//! Plays against the local stack, as channels, officers and a reporter would. What must never be seen is also looked
//! for in every answer: the demonstration fails rather than show it. `cargo xtask demo` builds and starts it.
#![expect(clippy::print_stdout, reason = "a command answers on the terminal")]
#![expect(clippy::print_stderr, reason = "a command answers on the terminal")]

mod api;
mod jpeg;
mod people;
mod scenario;
mod subscriber;
mod terminal;
mod viewers;

use anyhow::{Context, Result, bail};
use cli::target::Target;
use scenario::Scenario;
use stack_file::Stack;
use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use subscriber::Subscriber;
use tokio::signal::unix::{SignalKind, signal};

/// What a demonstration that was interrupted exits with.
const INTERRUPTED: u8 = 130;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let played = match file {
        Some(file) => demo(&file).await,
        None => Err(anyhow::anyhow!("which stack.json? `cargo xtask demo` says it")),
    };
    played.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Plays the scenario, and removes what it subscribed: also after an error, or when somebody wants it to end.
async fn demo(file: &Path) -> Result<ExitCode> {
    let stack = Stack::read(file)?;
    let target = Target::local(&stack).await;

    // The queue has one name, so that what a killed demonstration left is removed by the next; until it is removed,
    // no other may have it.
    let mut turn = None;
    let mut subscriber = Subscriber::new(&target)?;
    let play = async {
        turn = Some(take_turn(&file.with_file_name("demonstrating.lock")).await?);
        Scenario::begin(&stack, &target, &mut subscriber).await?.play().await
    };
    let played = tokio::select! {
        played = play => played.map(Some),
        interrupted = interruption() => interrupted.map(|()| None),
    };
    let removed = subscriber.end().await;
    drop(turn);
    if let (Err(_), Err(left)) = (&played, &removed) {
        eprintln!("error: {left:#}");
    }
    let closing = played?;
    removed?;
    let Some(closing) = closing else {
        println!("\nInterrupted. The temporary queue and its subscriptions are removed.");
        return Ok(ExitCode::from(INTERRUPTED));
    };
    println!("{closing}");
    Ok(ExitCode::SUCCESS)
}

/// Waits until no other demonstration runs; none begins until what this answers is dropped.
async fn take_turn(lock: &Path) -> Result<File> {
    let file = File::create(lock).with_context(|| format!("cannot write {}", lock.display()))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(300)).await,
            Err(TryLockError::Error(error)) => bail!("cannot lock {}: {error}", lock.display()),
        }
    }
}

/// Waits until somebody wants this to end.
async fn interruption() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}
