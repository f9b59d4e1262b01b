//! A line for each step of what takes long: which of how many, and how long it has taken until now.

use std::time::Instant;

/// Prints the steps of a command with the time since its start.
pub(crate) struct Steps {
    began: Instant,
    step: usize,
    of: usize,
}

impl Steps {
    /// So many steps, of which none has begun.
    #[expect(
        clippy::disallowed_methods,
        reason = "the tool lives in real time; runtime::clock is for functions"
    )]
    pub(crate) fn of(steps: usize) -> Self {
        Self { began: Instant::now(), step: 0, of: steps }
    }

    /// Prints that the next step begins.
    pub(crate) fn next(&mut self, what: &str) {
        self.step += 1;
        let seconds = self.began.elapsed().as_secs();
        println!("[{}/{} {:>2}:{:02}] {what}", self.step, self.of, seconds / 60, seconds % 60);
    }

    /// Prints that the last step has ended.
    pub(crate) fn end(&self) {
        let seconds = self.began.elapsed().as_secs();
        println!("[{}/{} {:>2}:{:02}] Done", self.of, self.of, seconds / 60, seconds % 60);
    }
}
