//! The only place that draws randomness.

/// `N` random bytes from the operating system's generator, by AWS-LC.
///
/// AWS-LC itself ends the process when the system gives no randomness, so a failure is not to be seen here. Should it ever
/// be, the process ends too: a panic would be answered and the environment used again, and anything else would hand out
/// ids that can be guessed. Lambda starts a fresh environment, and nothing was acknowledged.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "this is the one drawer that the rule speaks of")]
    let drawn = aws_lc_rs::rand::fill(&mut bytes);
    if drawn.is_err() {
        std::process::abort();
    }
    bytes
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_draws_are_the_same() {
        assert_ne!(super::bytes::<16>(), super::bytes::<16>());
    }
}
