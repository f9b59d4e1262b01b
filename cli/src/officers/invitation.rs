//! The invitation once more, for an account whose first sign-in is still to come: the mail did not arrive, the password that was
//! printed got lost, or three days have passed.

use super::{Accounts, fresh_password, no_account};
use anyhow::Result;
use cli::{
    exit::Refusal,
    terminal::{Terminal, shown_once},
};
use domain::secret_text::SecretText;
use serde::Serialize;
use std::fmt;

/// What became of an invitation.
#[derive(Serialize)]
struct Invited {
    username: String,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown_once")]
    temporary_password: Option<SecretText>,
}

impl fmt::Display for Invited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { username, email, temporary_password } = self;
        match temporary_password {
            None => write!(f, "Cognito sends {username} the invitation again, to {email}"),
            Some(password) => write!(
                f,
                "The fresh temporary password of {username}, good for three days and shown this once:\n\n  {}",
                password.expose()
            ),
        }
    }
}

/// Invites an account once more. Its tags stay as they are, and a temporary password that it had is good no longer.
pub(super) async fn invite(
    accounts: &Accounts,
    username: String,
    print_password: bool,
    terminal: Terminal,
) -> Result<()> {
    let account = accounts.attributes(&username).await?.ok_or_else(|| no_account(&username))?;
    // Whoever has signed in has a password of their own, and it is not the operator's to replace.
    if !account.invited {
        let what = "has signed in already: it has a password of its own, and no invitation";
        return Err(Refusal::Invalid(format!("{username} {what}")).into());
    }
    if !account.enabled {
        let what = "is disabled: tuntas officer enable first, or it could not use the invitation";
        return Err(Refusal::Invalid(format!("{username} {what}")).into());
    }
    let password = fresh_password()?;
    if print_password {
        accounts.set_temporary_password(&username, &password).await?;
    } else {
        accounts.invite_again(&username, &password).await?;
    }
    let temporary_password = print_password.then_some(password);
    terminal.print(&Invited { username, email: account.email, temporary_password })
}
