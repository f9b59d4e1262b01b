//! `demo`: a report's whole life over HTTP, and who could see what of it at each step.
//!
//! Plays against the local stack, as channels, officers and a reporter would. What must never be seen is also looked
//! for in every answer: the demonstration fails rather than show it.

mod api;
mod jpeg;
mod people;
mod print;
mod story;
mod subscriber;
mod viewers;

use crate::{
    INTERRUPTED,
    engine::Engine,
    project::{Project, Turn},
    stack::{Stack, Target},
};
use anyhow::{Result, bail};
use std::process::ExitCode;
use story::Story;
use subscriber::Subscriber;

/// Plays the story, and removes what it subscribed: also after an error, or when somebody wants it to end.
pub(crate) async fn demo(
    project: &Project,
    interruption: impl Future<Output = Result<()>>,
) -> Result<ExitCode> {
    let home = crate::up::home(project);
    let Some(engine) = Engine::running(&home) else {
        bail!("the local stack is not up; `cargo xtask up --detach` brings it up");
    };
    engine.leave();
    let stack = Stack::read(&home.stack_file())?;
    let target = Target::local(&stack).await;

    // The queue has one name, so that what a killed demonstration left is removed by the next; until it is removed,
    // no other may have it.
    let mut turn = None;
    let mut subscriber = Subscriber::new(&target)?;
    let play = async {
        turn = Some(project.turn(Turn::Demonstrating).await?);
        Story::begin(&stack, &target, &mut subscriber).await?.play().await
    };
    let played = tokio::select! {
        played = play => played.map(Some),
        interrupted = interruption => interrupted.map(|()| None),
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
