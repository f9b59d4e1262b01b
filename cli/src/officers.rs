//! Officers' accounts, for operators: made, moved, shut out, listed.
//!
//! What a token says is fixed when it is given, and a token lives a quarter of an hour: whoever is moved or disabled keeps the
//! old rights until then, however they are signed out.

mod accounts;
mod import;
mod invitation;

use accounts::{Account, Accounts, Wanted, no_account, texts};
use anyhow::{Context, Result};
use clap::{ArgGroup, Args, Subcommand};
use cli::{
    exit::Refusal,
    registry::{Kind, Registry, is_closed},
    target::{Which, random},
    terminal::{Terminal, shown_once},
};
use data_encoding::BASE64URL_NOPAD;
use domain::{
    contact::mailbox,
    officer::{Rights, Tag},
    secret_text::SecretText,
    unit::Code,
};
use serde::Serialize;
use std::{collections::BTreeSet, fmt, path::PathBuf};

/// How long a token given before goes on with what it says.
const OLD_TOKENS: &str =
    "An ID token given before keeps its old rights until it ends, at most 15 minutes from now.";

#[derive(Subcommand)]
pub(crate) enum OfficerCommand {
    /// Make an account with its tags; Cognito sends the invitation by e-mail.
    ///
    /// petugas-opd and petugas-kanal exclude every other tag; the one needs --unit, the other --channel, and both are assumed where
    /// that is given. An account that is there as asked for is left as it is. Changes the user pool, nothing else.
    Add {
        /// What the officer signs in with: 1 to 64 of a-z, 0-9, dot, hyphen and underscore.
        #[arg(value_parser = username)]
        username: String,
        /// The name that colleagues and reporters are shown.
        #[arg(long, value_parser = name)]
        name: String,
        /// Where the invitation goes.
        #[arg(long, value_parser = email)]
        email: String,
        #[command(flatten)]
        place: Place,
        /// Send no mail: print the temporary password this once, to be handed over in person. It is good for three days.
        #[arg(long)]
        print_password: bool,
    },
    /// Make the accounts of a CSV file, with the columns username,name,email,tags,unit,channel.
    ///
    /// Tags are separated by spaces. The whole file is checked first, and nothing is made where anything in it is wrong. Accounts that
    /// are there as asked for are left as they are, so an import that was cut short is run again. Changes the user pool, nothing else.
    Import {
        /// The CSV file.
        #[arg(value_name = "FILE.csv")]
        csv: PathBuf,
        /// Send no mail: print every temporary password this once.
        #[arg(long)]
        print_password: bool,
    },
    /// Invite an account again whose first sign-in is still to come: Cognito sends the invitation once more, good for three days.
    ///
    /// For a mail that did not arrive, a printed password that got lost, or an invitation that is older than three days. The temporary
    /// password of before is good no longer. An account that has signed in is refused. Changes the user pool, nothing else.
    Invite {
        /// Whose.
        username: String,
        /// Send no mail: print a fresh temporary password this once, to be handed over in person. It is good for three days.
        #[arg(long)]
        print_password: bool,
    },
    /// Set tags, unit and channel of an account to what is given, and sign it out everywhere.
    ///
    /// What is not given is taken away. Changes the user pool, nothing else. Tokens given before keep the old rights for up to 15
    /// minutes.
    #[command(group = ArgGroup::new("what").required(true).multiple(true).args(["tag", "unit", "channel"]))]
    Move {
        /// Whose.
        username: String,
        #[command(flatten)]
        place: Place,
    },
    /// Shut an account out: it gets no further token and is signed out everywhere. Tokens given before go on for up to 15 minutes.
    Disable {
        /// Whose.
        username: String,
    },
    /// Let a disabled account sign in again, with the tags and the password that it had.
    Enable {
        /// Whose.
        username: String,
    },
    /// Forget the authenticator app of an account, and sign it out everywhere; the next sign-in sets a new one up.
    ///
    /// First make sure, in person, who asks: until then the password alone opens the account. The local stack demands no second factor,
    /// so there the account goes on without one.
    ResetFactor {
        /// Whose.
        username: String,
    },
    /// List accounts, with tags, unit or channel. Changes nothing.
    List {
        /// Those of this unit.
        #[arg(long, value_parser = code)]
        unit: Option<Code>,
        /// Those with this tag.
        #[arg(long, value_parser = tag)]
        tag: Option<Tag>,
    },
}

/// What an officer may do, and for whom.
#[derive(Args)]
pub(crate) struct Place {
    /// A tag: petugas-opd, petugas-validasi, petugas-verifikasi, admin-tiket, administrator or petugas-kanal. May be given again.
    #[arg(long, value_parser = tag)]
    tag: Vec<Tag>,
    /// The unit of a petugas-opd.
    #[arg(long, value_parser = code)]
    unit: Option<Code>,
    /// The channel of a petugas-kanal.
    #[arg(long, value_parser = code)]
    channel: Option<Code>,
}

impl Place {
    /// What it adds up to. A unit alone means petugas-opd, a channel alone petugas-kanal: nobody else has one.
    fn rights(self) -> Result<Rights> {
        let mut tags: BTreeSet<Tag> = self.tag.into_iter().collect();
        if tags.is_empty() {
            tags.extend(self.unit.as_ref().map(|_| Tag::PetugasOpd));
            tags.extend(self.channel.as_ref().map(|_| Tag::PetugasKanal));
        }
        Rights::of(tags, self.unit, self.channel).map_err(|misfits| {
            let misfits: Vec<String> = misfits.iter().map(ToString::to_string).collect();
            Refusal::Invalid(misfits.join("; ")).into()
        })
    }
}

fn username(text: &str) -> Result<String, &'static str> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b);
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(plain);
    fits.then(|| text.to_owned()).ok_or("a username has 1 to 64 of a-z, 0-9, dot, hyphen and underscore")
}

fn name(text: &str) -> Result<String, &'static str> {
    let fits = text.trim() == text && (1..=100).contains(&text.chars().count());
    let fits = fits && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or("a name has 1 to 100 characters, and no space before or behind")
}

fn email(text: &str) -> Result<String, &'static str> {
    mailbox(text).ok_or("this is no e-mail address")
}

fn tag(text: &str) -> Result<Tag, String> {
    let known = || Tag::ALL.iter().map(|tag| tag.as_str()).collect::<Vec<_>>().join(", ");
    Tag::parse(text).ok_or_else(|| format!("{text:?} is no tag; the tags are {}", known()))
}

fn code(text: &str) -> Result<Code, &'static str> {
    Code::parse(text).ok_or("a code has 1 to 40 of a-z, 0-9 and -")
}

/// Carries the command out.
pub(crate) async fn officer(command: OfficerCommand, which: &Which, terminal: Terminal) -> Result<()> {
    match command {
        OfficerCommand::Add { username, name, email, place, print_password } => {
            let wanted = Wanted { username, name, email, rights: place.rights()? };
            let target = which.target().await?;
            in_registry(&Registry::of(&target)?, &wanted.rights).await?;
            terminal.print(&add(&Accounts::of(&target)?, &wanted, print_password).await?)
        }
        OfficerCommand::Import { csv, print_password } => {
            import::import(&csv, print_password, which, terminal).await
        }
        OfficerCommand::Invite { username, print_password } => {
            let accounts = Accounts::of(&which.target().await?)?;
            invitation::invite(&accounts, username, print_password, terminal).await
        }
        OfficerCommand::Move { username, place } => {
            let rights = place.rights()?;
            let target = which.target().await?;
            in_registry(&Registry::of(&target)?, &rights).await?;
            terminal.print(&change(&Accounts::of(&target)?, username, &rights).await?)
        }
        OfficerCommand::Disable { username } => {
            let accounts = Accounts::of(&which.target().await?)?;
            accounts.disable(&username).await?;
            accounts.sign_out(&username).await?;
            terminal.print(&Done { username, what: What::Disabled })
        }
        OfficerCommand::Enable { username } => {
            Accounts::of(&which.target().await?)?.enable(&username).await?;
            terminal.print(&Done { username, what: What::Enabled })
        }
        OfficerCommand::ResetFactor { username } => {
            let target = which.target().await?;
            let accounts = Accounts::of(&target)?;
            accounts.reset_factor(&username).await?;
            accounts.sign_out(&username).await?;
            let what = if target.local { What::FactorResetLocally } else { What::FactorReset };
            terminal.print(&Done { username, what })
        }
        OfficerCommand::List { unit, tag } => {
            let mut found = Accounts::of(&which.target().await?)?.list(tag).await?;
            found.retain(|account| {
                unit.as_ref().is_none_or(|unit| account.unit.as_deref() == Some(unit.as_str()))
            });
            terminal.print(&Listed(found))
        }
    }
}

/// Refuses a unit or a channel that nobody can work for.
async fn in_registry(registry: &Registry, rights: &Rights) -> Result<()> {
    for (kind, code) in [(Kind::Unit, rights.unit()), (Kind::Channel, rights.channel())] {
        if let Some(code) = code
            && let Some(what) = wrong_with(registry, kind, code).await?
        {
            return Err(Refusal::Invalid(what).into());
        }
    }
    Ok(())
}

/// What is wrong with a unit or a channel that an officer is to work for: it is not there, or it is closed.
async fn wrong_with(registry: &Registry, kind: Kind, code: &Code) -> Result<Option<String>> {
    let entry = registry.entry(kind, code).await?;
    let what = kind.as_str();
    Ok(match entry {
        None => Some(format!("the registry has no {what} {code}")),
        Some(entry) if is_closed(&entry) => Some(format!("the {what} {code} is closed")),
        Some(_) => None,
    })
}

/// What became of an account that was asked for.
#[derive(Serialize)]
struct Added {
    username: String,
    outcome: Outcome,
    tags: Vec<&'static str>,
    unit: Option<String>,
    channel: Option<String>,
    email: String,
    /// Whether its first sign-in is still to come.
    invited: bool,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown_once")]
    temporary_password: Option<SecretText>,
}

/// What to do where nobody knows the password of an account that has never signed in.
const INVITE_AGAIN: &str =
    "It has not signed in yet: if its invitation or its password got lost, tuntas officer invite";

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Made,
    /// An earlier run had made it, and was cut short before it had its tags.
    Completed,
    Unchanged,
}

impl fmt::Display for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { username, outcome, tags, unit, channel, email, invited, temporary_password } = self;
        let rights = described(&tags.join(" "), unit.as_deref(), channel.as_deref());
        match (outcome, temporary_password) {
            (Outcome::Unchanged, _) => {
                write!(f, "{username} is there as asked for ({rights}); nothing was changed")
            }
            (Outcome::Completed, _) => {
                write!(f, "{username} was there without all of its tags, and has them now: {rights}")
            }
            (Outcome::Made, None) => {
                write!(f, "Made {username}: {rights}. Cognito sends the invitation to {email}")
            }
            (Outcome::Made, Some(password)) => write!(
                f,
                "Made {username}: {rights}. The temporary password, good for three days and shown this once:\n\n  {}",
                password.expose()
            ),
        }?;
        if *invited && *outcome != Outcome::Made {
            write!(f, ". {INVITE_AGAIN} {username}")?;
        }
        Ok(())
    }
}

fn described(tags: &str, unit: Option<&str>, channel: Option<&str>) -> String {
    let code = unit.or(channel).map(|code| format!(" of {code}")).unwrap_or_default();
    format!("{tags}{code}")
}

/// Makes the account, or finds it as it is to be.
async fn add(accounts: &Accounts, wanted: &Wanted, print_password: bool) -> Result<Added> {
    if let Some(made) = make(accounts, wanted, print_password).await? {
        return Ok(made);
    }
    let account = accounts.find(&wanted.username).await?.ok_or_else(|| no_account(&wanted.username))?;
    match compare(&account, wanted)? {
        Outcome::Completed => complete(accounts, wanted, &account.tags).await,
        outcome @ (Outcome::Made | Outcome::Unchanged) => Ok(added(wanted, outcome, account.invited, None)),
    }
}

/// Makes the account with its tags; `None` where there is one already.
async fn make(accounts: &Accounts, wanted: &Wanted, print_password: bool) -> Result<Option<Added>> {
    let password = fresh_password()?;
    if !accounts.make(wanted, &password, !print_password).await? {
        return Ok(None);
    }
    give_missing(accounts, wanted, &BTreeSet::new()).await?;
    Ok(Some(added(wanted, Outcome::Made, true, print_password.then_some(password))))
}

/// A temporary password. It has every kind of symbol that the pool asks for, whatever is drawn.
fn fresh_password() -> Result<SecretText> {
    Ok(SecretText::new(format!("{}-Aa1", BASE64URL_NOPAD.encode(&random::<12>()?))))
}

/// Gives an account the tags that an earlier run did not come to.
async fn complete(accounts: &Accounts, wanted: &Wanted, held: &BTreeSet<String>) -> Result<Added> {
    give_missing(accounts, wanted, held).await?;
    Ok(added(wanted, Outcome::Completed, true, None))
}

async fn give_missing(accounts: &Accounts, wanted: &Wanted, held: &BTreeSet<String>) -> Result<()> {
    for tag in texts(&wanted.rights).into_iter().filter(|tag| !held.contains(*tag)) {
        let given = accounts.give(&wanted.username, tag).await;
        given.with_context(|| {
            format!("{} is made, and has not all of its tags: run it again", wanted.username)
        })?;
    }
    Ok(())
}

fn added(wanted: &Wanted, outcome: Outcome, invited: bool, temporary_password: Option<SecretText>) -> Added {
    let code = |code: Option<&Code>| code.map(ToString::to_string);
    Added {
        username: wanted.username.clone(),
        outcome,
        tags: texts(&wanted.rights),
        unit: code(wanted.rights.unit()),
        channel: code(wanted.rights.channel()),
        email: wanted.email.clone(),
        invited,
        temporary_password,
    }
}

/// Whether an account that is there is as asked for, or the beginning of that.
fn compare(account: &Account, wanted: &Wanted) -> Result<Outcome> {
    let differences = account.differences(wanted);
    if differences.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    if account.is_beginning_of(wanted) {
        return Ok(Outcome::Completed);
    }
    let username = &wanted.username;
    Err(Refusal::Invalid(format!("{username} is there, and differs: {}", differences.join("; "))).into())
}

/// What an account was moved to.
#[derive(Serialize)]
struct Moved {
    username: String,
    changed: bool,
    tags: Vec<&'static str>,
    unit: Option<String>,
    channel: Option<String>,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rights = described(&self.tags.join(" "), self.unit.as_deref(), self.channel.as_deref());
        let now = if self.changed { "now is" } else { "already was" };
        write!(f, "{} {now} {rights}, and is signed out everywhere. {OLD_TOKENS}", self.username)
    }
}

/// Sets what an account may do. Tags go before others come, so that in no moment it has both; and it is signed out even if
/// nothing was to change, for an earlier run may have ended before that.
async fn change(accounts: &Accounts, username: String, rights: &Rights) -> Result<Moved> {
    let account = accounts.find(&username).await?.ok_or_else(|| no_account(&username))?;
    let asked = texts(rights);
    let (unit, channel) = (rights.unit().map(ToString::to_string), rights.channel().map(ToString::to_string));
    let moves = account.unit != unit || account.channel != channel;
    let taken: Vec<&String> = account.tags.iter().filter(|tag| !asked.contains(&tag.as_str())).collect();
    let given: Vec<&&str> = asked.iter().filter(|tag| !account.tags.contains(**tag)).collect();
    let changed = moves || !taken.is_empty() || !given.is_empty();
    let steps = async {
        for tag in taken {
            accounts.take(&username, tag).await?;
        }
        if moves {
            accounts.place(&username, rights).await?;
        }
        for tag in given {
            accounts.give(&username, tag).await?;
        }
        accounts.sign_out(&username).await
    };
    steps.await.with_context(|| format!("{username} may be half moved: run it again"))?;
    Ok(Moved { username, changed, tags: asked, unit, channel })
}

/// What was done to an account.
#[derive(Serialize)]
struct Done {
    username: String,
    what: What,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Disabled,
    Enabled,
    FactorReset,
    FactorResetLocally,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let username = &self.username;
        match self.what {
            What::Disabled => write!(f, "{username} is disabled and signed out everywhere. {OLD_TOKENS}"),
            What::Enabled => {
                write!(f, "{username} may sign in again, with the tags and the password of before")
            }
            What::FactorReset => write!(
                f,
                "{username} has no second factor and is signed out everywhere; the next sign-in sets a new one up. {OLD_TOKENS}"
            ),
            What::FactorResetLocally => write!(
                f,
                "{username} has no second factor and is signed out everywhere. This stack demands none: the password alone signs in. \
                 {OLD_TOKENS}"
            ),
        }
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Listed(Vec<Account>);

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for account in &self.0 {
            let tags = account.tags.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
            let tags = if tags.is_empty() { "no tag" } else { &tags };
            let rights = described(tags, account.unit.as_deref(), account.channel.as_deref());
            let state = match (account.enabled, account.invited) {
                (false, _) => "  disabled",
                (true, true) => "  invited",
                (true, false) => "",
            };
            writeln!(f, "{:<24}  {:<28}  {rights}{state}", account.username, account.name)?;
        }
        match self.0.len() {
            1 => write!(f, "1 account"),
            count => write!(f, "{count} accounts"),
        }
    }
}
