//! Channels, for operators: their keys, and whether they may send.
//!
//! The registry stores the SHA-256 of each live key, the newest last. Functions believe what they read of it for a minute, so
//! whatever is changed here holds a minute later everywhere.

use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata, operation::update_item::builders::UpdateItemFluentBuilder,
    types::AttributeValue,
};
use city_folder::channel::ChannelState;
use clap::Subcommand;
use cli::{
    exit::Refusal,
    registry::{Item, Kind, Registry, SUSPENDED_FROM, is_closed},
    target::{CONFLICT, Which, plainly, random},
    terminal::{Terminal, shown_once},
};
use data_encoding::BASE64URL_NOPAD;
use domain::{secret_text::SecretText, unit::Code};
use serde::Serialize;
use std::fmt;
use store::digest;

/// How many known codes an error names.
const NAMED: usize = 20;
/// The attribute of a channel's state.
const STATE: &str = "state";

#[derive(Subcommand)]
pub(crate) enum ChannelCommand {
    /// Give a channel a fresh key beside its newest one, and print it once.
    ///
    /// The key that the channel has stays good, so it changes over without a pause. Two keys live at most: where there are two,
    /// nobody but the operator knows which of them the channel sends with, so --finish, --replace-newest or --leaked has to say
    /// what becomes of them. Functions learn of the fresh key within a minute: hand it over after that. Changes the channel's
    /// entry in the registry, nothing else.
    Rotate {
        /// The channel's code.
        #[arg(value_parser = code)]
        code: Code,
        /// End every key but the newest, once the channel sends with that one. Makes no key.
        #[arg(long, conflicts_with = "leaked")]
        finish: bool,
        /// Give a fresh key in the place of the newest one, which was lost before the channel had it. The one before stays good.
        #[arg(long, conflicts_with_all = ["finish", "leaked"])]
        replace_newest: bool,
        /// End every key at once, because one got out. The channel cannot send until it has the fresh one.
        #[arg(long)]
        leaked: bool,
    },
    /// Shut a channel out within a minute: its reports are answered 403. Its keys stay.
    ///
    /// Only a channel whose state is `active` or `test` is suspended, and `resume` gives it that state back. Changes the state in the
    /// registry, nothing else.
    Suspend {
        /// The channel's code.
        #[arg(value_parser = code)]
        code: Code,
    },
    /// Let a channel that `suspend` shut out send again, within a minute: as what it was, `active` or `test`.
    ///
    /// One that the city's folder suspended is let in by the folder, which knows as what. Changes the state in the registry, nothing
    /// else.
    Resume {
        /// The channel's code.
        #[arg(value_parser = code)]
        code: Code,
    },
    /// List the channels: code, names, state, quota, number of live keys. Changes nothing.
    List,
}

fn code(text: &str) -> Result<Code, String> {
    Code::parse(text).ok_or_else(|| "a code has 1 to 40 of a-z, 0-9 and -".to_owned())
}

/// Carries the command out.
pub(crate) async fn channel(command: ChannelCommand, which: &Which, terminal: Terminal) -> Result<()> {
    let registry = Registry::of(&which.target().await?)?;
    match command {
        ChannelCommand::Rotate { code, finish: true, .. } => finish(&registry, &code, terminal).await,
        ChannelCommand::Rotate { code, leaked, replace_newest, .. } => {
            let what = match (leaked, replace_newest) {
                (true, _) => Fresh::InsteadOfAll,
                (false, true) => Fresh::InsteadOfNewest,
                (false, false) => Fresh::Beside,
            };
            rotate(&registry, &code, what, terminal).await
        }
        ChannelCommand::Suspend { code } => suspend(&registry, &code, terminal).await,
        ChannelCommand::Resume { code } => resume(&registry, &code, terminal).await,
        ChannelCommand::List => list(&registry, terminal).await,
    }
}

/// The entry of a channel that must be there, and open.
async fn entry(registry: &Registry, code: &Code) -> Result<Item> {
    if let Some(item) = registry.entry(Kind::Channel, code).await? {
        if is_closed(&item) {
            let what = "is closed, because the city's folder leaves it out: nobody can send by it, whatever its state and keys";
            return Err(Refusal::Invalid(format!("the channel {code} {what}")).into());
        }
        return Ok(item);
    }
    // Naming the others is a courtesy, which may need a right that this operator lacks.
    let mut known: Vec<String> = registry.channels().await.unwrap_or_default().iter().map(code_of).collect();
    known.sort_unstable();
    let hint = match known.len() {
        1..=NAMED => format!("; there are {}", known.join(", ")),
        _ => "; tuntas channel list names those there are".to_owned(),
    };
    Err(Refusal::Invalid(format!("there is no channel {code}{hint}")).into())
}

fn text_of<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

fn code_of(item: &Item) -> String {
    text_of(item, "pk").trim_start_matches("channel#").to_owned()
}

/// The digests of the live keys, the newest last. Whatever else stands there is refused rather than lost.
fn digests(item: &Item) -> Result<Vec<AttributeValue>> {
    match item.get("key_hashes") {
        None => Ok(Vec::new()),
        Some(AttributeValue::L(digests)) if digests.iter().all(AttributeValue::is_s) => Ok(digests.clone()),
        Some(_) => bail!("key_hashes of {} is no list of texts: mend it by hand", code_of(item)),
    }
}

/// What became of a channel's keys.
#[derive(Serialize)]
struct Rotated {
    code: String,
    /// The fresh key; absent when none was made.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown_once")]
    key: Option<SecretText>,
    live_keys: usize,
    ended_keys: usize,
}

impl fmt::Display for Rotated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, key, live_keys, ended_keys } = self;
        let keys = |count: usize| if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
        let Some(key) = key else {
            return match ended_keys {
                0 => write!(f, "{code} has {} already; nothing was changed", keys(*live_keys)),
                ended => write!(f, "Ended {} of {code} within a minute; the newest stays", keys(*ended)),
            };
        };
        writeln!(f, "The fresh key of {code}, shown this once:\n\n  {}\n", key.expose())?;
        writeln!(f, "Functions take it within a minute: hand it over after that.")?;
        if *ended_keys > 0 {
            writeln!(f, "Ended {} within a minute.", keys(*ended_keys))?;
        }
        match live_keys {
            1 => write!(f, "It is the channel's only key."),
            _ => write!(
                f,
                "The one before stays good. Once {code} sends with the fresh one: tuntas channel rotate {code} --finish\n\
                 Lost before {code} had it: tuntas channel rotate {code} --replace-newest"
            ),
        }
    }
}

/// Where a fresh key goes.
#[derive(Clone, Copy)]
enum Fresh {
    /// Beside the one that the channel has.
    Beside,
    /// In the place of the newest, which nobody has.
    InsteadOfNewest,
    /// In the place of every key.
    InsteadOfAll,
}

async fn rotate(registry: &Registry, code: &Code, fresh: Fresh, terminal: Terminal) -> Result<()> {
    let old = digests(&entry(registry, code).await?)?;
    let kept = match (fresh, old.as_slice()) {
        (Fresh::Beside, [] | [_]) => &old,
        (Fresh::Beside, two) => return Err(undecided(code, two.len())),
        (Fresh::InsteadOfNewest, [before @ .., _]) if !before.is_empty() => before,
        (Fresh::InsteadOfNewest, _) => {
            let what = "has no second key that could be replaced: tuntas channel rotate gives it one";
            return Err(Refusal::Invalid(format!("{code} {what}")).into());
        }
        (Fresh::InsteadOfAll, _) => &[],
    };
    let ended_keys = old.len() - kept.len();
    match fresh {
        Fresh::InsteadOfNewest => terminal.confirm(&format!(
            "This ends the newest key of {code} within a minute, and leaves the one before. Has the channel never had the newest?"
        ))?,
        Fresh::InsteadOfAll if ended_keys > 0 => terminal.confirm(&format!(
            "This ends every key of {code} within a minute; it cannot send until it has the fresh one. Go on?"
        ))?,
        Fresh::InsteadOfAll | Fresh::Beside => {}
    }
    let key = fresh_key(code)?;
    let digest = digest::hex(key.expose().as_bytes());
    let new: Vec<_> = kept.iter().cloned().chain([AttributeValue::S(digest)]).collect();
    let live_keys = new.len();
    replace(registry, code, old, new).await?;
    terminal.print(&Rotated { code: code.to_string(), key: Some(key), live_keys, ended_keys })
}

/// Of two keys the digests do not tell which one the channel sends with: a third would end one of them, and maybe that one.
fn undecided(code: &Code, live_keys: usize) -> anyhow::Error {
    Refusal::Invalid(format!(
        "{code} has {live_keys} live keys already; nothing was changed. Say what is so:\n  \
         it sends with the newest: tuntas channel rotate {code} --finish\n  \
         it never had the newest, whose output was lost: tuntas channel rotate {code} --replace-newest\n  \
         one of them got out: tuntas channel rotate {code} --leaked"
    ))
    .into()
}

/// A key of a channel that nobody has yet.
pub(crate) fn fresh_key(code: &Code) -> Result<SecretText> {
    Ok(SecretText::new(format!("tk_{code}_{}", BASE64URL_NOPAD.encode(&random::<32>()?))))
}

async fn finish(registry: &Registry, code: &Code, terminal: Terminal) -> Result<()> {
    let mut old = digests(&entry(registry, code).await?)?;
    let ended_keys = old.len().saturating_sub(1);
    let live_keys = old.len().min(1);
    if ended_keys > 0 {
        terminal.confirm(&format!(
            "This ends all keys of {code} but the newest within a minute. Does it send with the newest?"
        ))?;
        let newest = old.split_off(ended_keys);
        old.extend(newest.iter().cloned());
        replace(registry, code, old, newest).await?;
    }
    terminal.print(&Rotated { code: code.to_string(), key: None, live_keys, ended_keys })
}

/// Replaces the digests if they still are what was read: of two operators at once, one is told so.
async fn replace(
    registry: &Registry,
    code: &Code,
    old: Vec<AttributeValue>,
    new: Vec<AttributeValue>,
) -> Result<()> {
    let (client, table) = registry.table();
    let unchanged = if old.is_empty() {
        "attribute_not_exists(key_hashes) OR key_hashes = :old"
    } else {
        "key_hashes = :old"
    };
    let update = client
        .update_item()
        .table_name(table)
        .key("pk", Kind::Channel.key(code))
        .update_expression("SET key_hashes = :new")
        // An entry that went meanwhile must not come back as a stump.
        .condition_expression(format!("attribute_exists(pk) AND ({unchanged})"))
        .expression_attribute_values(":old", AttributeValue::L(old))
        .expression_attribute_values(":new", AttributeValue::L(new.clone()));
    match update.send().await {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some(CONFLICT) => {
            // The first try of the same call may have come through without its answer.
            let now = registry.entry(Kind::Channel, code).await?;
            if now.is_some_and(|item| digests(&item).is_ok_and(|now| now == new)) {
                return Ok(());
            }
            bail!("somebody else changed the keys of {code} meanwhile; this changed nothing: run it again")
        }
        Err(error) => Err(plainly(error)).with_context(|| format!("cannot change the keys of {code}")),
    }
}

/// A channel's state, and whether the command changed it.
#[derive(Serialize)]
struct Set {
    code: String,
    state: ChannelState,
    changed: bool,
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, state, changed } = self;
        match (state, changed) {
            (_, false) => write!(f, "{code} is {} already; nothing was changed", state.as_str()),
            (ChannelState::Suspended, true) => {
                write!(
                    f,
                    "{code} is suspended: within a minute its reports are answered 403. Note it in the city's folder too: the next city \
                     apply makes the state what the folder says"
                )
            }
            (ChannelState::Active, true) => write!(f, "{code} is active: it may send within a minute"),
            (ChannelState::Test, true) => {
                write!(
                    f,
                    "{code} is a test channel, as it was: it may send within a minute, and its reports reach no desk"
                )
            }
        }
    }
}

/// The state of a channel's entry; `None` where it is none that a folder may have.
pub(crate) fn state_of(item: &Item, name: &str) -> Option<ChannelState> {
    ChannelState::parse(text_of(item, name))
}

async fn suspend(registry: &Registry, code: &Code, terminal: Terminal) -> Result<()> {
    let item = entry(registry, code).await?;
    let changed = match state_of(&item, STATE) {
        Some(ChannelState::Suspended) => false,
        Some(before @ (ChannelState::Active | ChannelState::Test)) => {
            // Remembered, so that nobody's tests become real reports.
            let update = update(registry, code)
                .update_expression("SET #state = :suspended, #from = :before")
                .condition_expression("#state = :before OR (#state = :suspended AND #from = :before)");
            change(update, before, code).await?;
            true
        }
        None => return Err(no_such_state(&item)),
    };
    terminal.print(&Set { code: code.to_string(), state: ChannelState::Suspended, changed })
}

async fn resume(registry: &Registry, code: &Code, terminal: Terminal) -> Result<()> {
    let item = entry(registry, code).await?;
    let (state, changed) = match state_of(&item, STATE) {
        Some(ChannelState::Suspended) => {
            let before = state_of(&item, SUSPENDED_FROM).ok_or_else(|| {
                Refusal::Invalid(format!(
                    "{code} was suspended by the city's folder, and not by tuntas channel suspend: change its state there, and run tuntas \
                     city apply"
                ))
            })?;
            let update = update(registry, code)
                .update_expression("SET #state = :before REMOVE #from")
                .condition_expression(
                    "(#state = :suspended AND #from = :before) OR (#state = :before AND attribute_not_exists(#from))",
                );
            change(update, before, code).await?;
            (before, true)
        }
        Some(state @ (ChannelState::Active | ChannelState::Test)) => (state, false),
        None => return Err(no_such_state(&item)),
    };
    terminal.print(&Set { code: code.to_string(), state, changed })
}

fn update(registry: &Registry, code: &Code) -> UpdateItemFluentBuilder {
    let (client, table) = registry.table();
    client.update_item().table_name(table).key("pk", Kind::Channel.key(code))
}

/// Makes a change between `before` and suspended. Its condition also holds where its first try came through without its answer.
async fn change(update: UpdateItemFluentBuilder, before: ChannelState, code: &Code) -> Result<()> {
    let text = |state: ChannelState| AttributeValue::S(state.as_str().to_owned());
    let update = update
        .expression_attribute_names("#state", STATE)
        .expression_attribute_names("#from", SUSPENDED_FROM)
        .expression_attribute_values(":before", text(before))
        .expression_attribute_values(":suspended", text(ChannelState::Suspended));
    match update.send().await {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some(CONFLICT) => {
            bail!("somebody else changed {code} meanwhile; this changed nothing: run it again")
        }
        Err(error) => Err(plainly(error)).with_context(|| format!("cannot change the state of {code}")),
    }
}

/// Refuses a state that no command and no folder set: it means something to whoever set it.
fn no_such_state(item: &Item) -> anyhow::Error {
    let (code, found) = (code_of(item), text_of(item, STATE));
    Refusal::Invalid(format!("{code} has the state {found:?}, which was set by hand: change it by hand"))
        .into()
}

/// A channel as it is listed: no key, and no digest of one.
#[derive(Serialize)]
struct Line {
    code: String,
    names: Names,
    /// `closed` where the city's folder leaves it out, whatever stands there else.
    state: String,
    quota_per_hour: Option<u64>,
    live_keys: usize,
}

#[derive(Serialize)]
struct Names {
    id: String,
    en: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Channels(Vec<Line>);

impl fmt::Display for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<30}  {:<10}  {:>8}  {:>4}  name", "code", "state", "an hour", "keys")?;
        for Line { code, names, state, quota_per_hour, live_keys } in &self.0 {
            let quota = quota_per_hour.map_or_else(|| "?".to_owned(), |quota| quota.to_string());
            writeln!(f, "{code:<30}  {state:<10}  {quota:>8}  {live_keys:>4}  {}", names.id)?;
        }
        Ok(())
    }
}

async fn list(registry: &Registry, terminal: Terminal) -> Result<()> {
    let mut lines: Vec<Line> = registry.channels().await?.iter().map(line).collect();
    lines.sort_unstable_by(|one, other| one.code.cmp(&other.code));
    terminal.print(&Channels(lines))
}

fn line(item: &Item) -> Line {
    let name = |language: &str| {
        let names = item.get("names").and_then(|names| names.as_m().ok());
        names.map(|names| text_of(names, language)).unwrap_or_default().to_owned()
    };
    let quota = item.get("quota_per_hour").and_then(|quota| quota.as_n().ok());
    let keys = item.get("key_hashes").and_then(|digests| digests.as_l().ok());
    Line {
        code: code_of(item),
        names: Names { id: name("id"), en: name("en") },
        state: if is_closed(item) { "closed" } else { text_of(item, STATE) }.to_owned(),
        quota_per_hour: quota.and_then(|quota| quota.parse().ok()),
        live_keys: keys.map_or(0, Vec::len),
    }
}
