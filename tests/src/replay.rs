//! Dead letters, and how an operator sends them again.

use crate::{
    http::eventually,
    operator::{config, wait},
    stack::stack,
};
use serde_json::Value;
use std::{env, path::PathBuf, process::Command};

/// The bodies on the dead-letter queue of announcements; they stay there.
pub fn dead_letters() -> Vec<Value> {
    let sqs = aws_sdk_sqs::Client::new(&config());
    let url = stack().output("NotifyDeadQueue");
    let looked = sqs.receive_message().queue_url(url).max_number_of_messages(10).visibility_timeout(0);
    let found = wait(looked.send()).expect("the dead-letter queue").messages.unwrap_or_default();
    found.iter().filter_map(|message| serde_json::from_str(message.body()?).ok()).collect()
}

/// Waits until an announcement of this report lies among the dead letters.
#[track_caller]
pub fn await_dead_letter(ticket: &str) {
    let key = ticket.replace('-', "");
    eventually("it lies on the dead-letter queue", || {
        dead_letters().iter().any(|letter| letter["key"]["pk"] == key.as_str()).then_some(())
    });
}

/// `tuntas queue replay` of announcements, until `done`: another test may have taken a dead letter on a last vain round.
#[track_caller]
pub fn replay_until(what: &str, mut done: impl FnMut() -> bool) {
    eventually(what, || {
        let ran = Command::new(tuntas())
            .args(["queue", "replay", "--queue", "notify", "--yes", "--file"])
            .arg(env::var_os("TUNTAS_STACK").expect("TUNTAS_STACK"))
            .output()
            .expect("tuntas");
        // 4 where something had to be left.
        assert!(matches!(ran.status.code(), Some(0 | 4)), "{}", String::from_utf8_lossy(&ran.stderr));
        done().then_some(())
    });
}

/// The operator's tool as it was built last: it lies beside the tests.
pub fn tuntas() -> PathBuf {
    let here = env::current_exe().expect("a path");
    here.ancestors().nth(2).expect("a target directory").join("tuntas")
}
