//! Who sends a report: a channel with its key, or a clerk of one; and whether the channel may send now.

use domain::{officer::Clerk, unit::Code};
use jiff::Timestamp;
use lambda_http::Request;
use runtime::{
    caller, gateway,
    problem::{Problem, Reason},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use store::{
    intake_keys::KeyOwner,
    quotas::Quotas,
    registry::{Channel, ChannelState, Registry},
};

/// How many symbols the random part of a key has.
const KEY_SYMBOLS: usize = 43;

/// The route of clerks.
const COUNTER: &str = "POST /v1/counter/reports";

/// Who sends a report.
pub(crate) struct Sender {
    /// The channel that it comes by.
    pub(crate) channel: Channel,
    /// The clerk who enters it; none where the channel itself sends it.
    pub(crate) clerk: Option<Clerk>,
}

impl Sender {
    /// Whose idempotency key it is that comes with the report.
    pub(crate) fn key_owner(&self) -> KeyOwner<'_> {
        self.clerk.as_ref().map_or(KeyOwner::Channel(&self.channel.code), KeyOwner::Clerk)
    }
}

/// Channels, and the hours in which they have used up their quota.
pub(crate) struct Channels {
    quotas: Quotas,
    used_up: Mutex<HashMap<Code, i64>>,
}

impl Channels {
    pub(crate) fn new(quotas: Quotas) -> Self {
        Self { quotas, used_up: Mutex::default() }
    }

    /// Finds who sends the request: on the route of clerks the clerk whom the token names, else the channel whose key it carries.
    ///
    /// 401 without a valid key or token; 403 for whoever is no clerk of a channel that there is, and for a suspended channel; 429 once the
    /// channel's quota of this hour is used up.
    pub(crate) async fn authenticate(
        &self,
        request: &Request,
        registry: &Registry,
        now: Timestamp,
    ) -> Result<Sender, Problem> {
        let sender = if gateway::is_route(request, COUNTER) {
            let clerk = caller::clerk(request)?;
            let channel = registry.channel(&clerk.channel, now).await?;
            let channel = channel.ok_or(Problem::Forbidden(Reason::NoRight))?;
            Sender { channel, clerk: Some(clerk) }
        } else {
            Sender { channel: by_its_key(request, registry, now).await?, clerk: None }
        };
        self.check_that_it_may_send(&sender.channel, now)?;
        Ok(sender)
    }

    fn check_that_it_may_send(&self, channel: &Channel, now: Timestamp) -> Result<(), Problem> {
        if channel.state == ChannelState::Suspended {
            return Err(Problem::Forbidden(Reason::ChannelSuspended));
        }
        let used_up = self.used_up.lock().unwrap_or_else(PoisonError::into_inner);
        if used_up.get(&channel.code) == Some(&hour(now)) {
            let rest = 3600 - now.as_second().rem_euclid(3600);
            return Err(Problem::TooMany { retry_after_s: u32::try_from(rest).unwrap_or(3600) });
        }
        Ok(())
    }

    /// Counts a report while it is being stored.
    ///
    /// The one that crosses the quota is stored all the same, for nothing that was accepted is thrown away; what this
    /// instance gets after it in the same hour is refused.
    pub(crate) async fn count(&self, channel: &Channel, now: Timestamp) {
        let counted = self.quotas.count(&channel.code, now).await;
        if counted.is_ok_and(|count| count >= channel.quota_per_hour) {
            let mut used_up = self.used_up.lock().unwrap_or_else(PoisonError::into_inner);
            used_up.insert(channel.code.clone(), hour(now));
        }
    }
}

/// The channel whose key the request carries.
async fn by_its_key(request: &Request, registry: &Registry, now: Timestamp) -> Result<Channel, Problem> {
    let bearer = caller::bearer(request).ok_or(Problem::Unauthorized)?;
    let code = code_of(bearer.expose()).ok_or(Problem::Unauthorized)?;
    let channel = registry.channel(&code, now).await?;
    channel.filter(|channel| channel.has_key(bearer.expose())).ok_or(Problem::Unauthorized)
}

fn hour(now: Timestamp) -> i64 {
    now.as_second().div_euclid(3600)
}

/// The code in `tk_<code>_<43 characters>`. A code has no underscore.
fn code_of(bearer: &str) -> Option<Code> {
    let (code, random) = bearer.strip_prefix("tk_")?.split_once('_')?;
    (random.len() == KEY_SYMBOLS).then(|| Code::parse(code)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_read_from_a_whole_key_only() {
        let random = "a_-".repeat(14) + "x";
        assert_eq!(code_of(&format!("tk_lapor-1708_{random}")), Code::parse("lapor-1708"));
        for bad in
            [String::new(), format!("tk_{random}"), format!("tk_jaki_{random}x"), format!("jaki_{random}")]
        {
            assert_eq!(code_of(&bad), None);
        }
    }
}
