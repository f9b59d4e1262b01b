//! The acts that an officer may do now, as forms; and what becomes of a form that is sent.
//!
//! Which there are says the API's `actions`; what a form asks for is `acts/fields.rs`, what it becomes `acts/command.rs`.

mod command;
mod consequences;
mod fields;
mod location;

use crate::{
    App,
    api::{Conditions, Done, Problem, report::Report},
    context::{Context, SignedIn},
    desk::{self, List},
    form::Form,
    kept, page, report,
};
use command::Command;
pub(crate) use command::degrees;
use domain::{act::Act, personal_data, ticket::Ticket};
pub(crate) use fields::{Field, FieldKind, SelectChoice, Surroundings};
use http::{Response, StatusCode};
use lambda_http::Body;
use serde_json::{Value, json};

/// The form of one act.
pub(crate) struct ActForm {
    pub(crate) act: &'static str,
    pub(crate) title: &'static str,
    pub(crate) action: String,
    pub(crate) fields: Vec<Field>,
    /// What it leads to, in sentences, where the fields have no choice that decides it.
    pub(crate) leads_to: Vec<String>,
    pub(crate) key: String,
    pub(crate) draft: String,
    pub(crate) is_open: bool,
    pub(crate) is_resent: bool,
    pub(crate) is_danger: bool,
    /// It is written in the street: where scripts run, it stays on the device until it is sent.
    pub(crate) is_kept: bool,
    /// What was refused as a whole, and not for a field of it.
    pub(crate) error: Option<String>,
    /// Personal data in what was typed, to be sent all the same or taken out, each with the field's id.
    pub(crate) personal_data: Vec<(String, String)>,
    /// It was to be sent all the same.
    pub(crate) sends_anyway: bool,
}

/// A form that came back: what was typed stays, and it is said why.
pub(crate) struct Resent<'a> {
    pub(crate) act: Act,
    pub(crate) form: &'a Form,
    pub(crate) why: Why,
    pub(crate) status: StatusCode,
}

/// Why a form came back.
pub(crate) enum Why {
    /// It carried no token of this session.
    Forged,
    /// The report has changed since the form was made.
    Changed,
    /// The API says what is wrong.
    Refused(Problem),
    /// Fields that are wrong, before anybody was asked.
    Fields(Vec<(&'static str, &'static str)>),
    /// It has personal data: the fields, and the words in them.
    PersonalData(Vec<(&'static str, String)>),
}

impl ActForm {
    /// Those of its fields that are wrong.
    pub(crate) fn wrong(&self) -> Vec<&Field> {
        self.fields.iter().filter(|field| field.error.is_some()).collect()
    }

    /// Whether it asks where the officer is, so that its page may ask the device.
    pub(crate) fn asks_for_location(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.kind, FieldKind::OfficerLocation(_)))
    }

    /// Whether pictures may be taken in it.
    pub(crate) fn has_camera(&self) -> bool {
        let takes =
            |field: &Field| matches!(&field.kind, FieldKind::Photos { kinds, .. } if !kinds.is_empty());
        self.fields.iter().any(takes)
    }
}

impl Resent<'_> {
    /// Whether another text was stored under the form's key.
    fn is_key_used(&self) -> bool {
        matches!(&self.why, Why::Refused(problem) if problem.errors.iter().any(|error| error.code == "key_reused"))
    }
}

/// The forms of the acts that this officer may do now.
pub(crate) fn forms(
    who: &SignedIn<'_>,
    context: &Context,
    report: &Report,
    around: &Surroundings<'_>,
    resent: Option<&Resent<'_>>,
) -> Vec<ActForm> {
    let t = context.t;
    let ticket = &report.heading.ticket;
    let form_of = |act: &Act| {
        let act = *act;
        let resent = resent.filter(|resent| resent.act == act);
        let mut fields = fields::of(act, context, report, around)?;
        consequences::beside_choices(context, report, act, around.city, &mut fields);
        let mut error = None;
        let mut found = Vec::new();
        if let Some(resent) = resent {
            for field in &mut fields {
                field.fill(resent.form);
            }
            error = explain(resent, context, &mut fields);
            if let Why::PersonalData(pieces) = &resent.why {
                found = pieces.iter().map(|(name, piece)| (fields::id(act, name), piece.clone())).collect();
            }
        }
        Some(ActForm {
            act: act.as_str(),
            title: t.act(act),
            // What comes back is shown where the form is.
            action: format!("/petugas/laporan/{ticket}/{0}#act-{0}", act.as_str()),
            leads_to: consequences::of_act(context, report, act, around.city),
            key: match resent {
                // What was refused is not recorded under its key, and what was not answered may be stored: with the same key it is not
                // done twice. Only a key that another text was stored under is of no use.
                Some(resent) if !resent.is_key_used() => {
                    resent.form.filled("key").map_or_else(SignedIn::new_key, str::to_owned)
                }
                _ => SignedIn::new_key(),
            },
            sends_anyway: resent.is_some_and(|resent| resent.form.text("send-anyway") == "1"),
            draft: who.draft(ticket, act.as_str()),
            is_open: resent.is_some() || offered(report).len() == 1,
            is_resent: resent.is_some(),
            is_danger: matches!(act, Act::Reject | Act::Merge | Act::Return),
            is_kept: matches!(act, Act::PostTl | Act::Verify | Act::CouldNotLook | Act::Note),
            fields,
            error,
            personal_data: found,
        })
    };
    offered(report).iter().filter_map(form_of).collect()
}

/// The acts that have a form: those that are possible now, and a TL or a verification for which only photos are missing, as the form takes
/// them.
fn offered(report: &Report) -> Vec<Act> {
    let mut acts = report.actions.clone();
    for (add, act) in [(Act::AddWorkPhotos, Act::PostTl), (Act::AddFieldPhotos, Act::Verify)] {
        if let (Some(at), false) = (acts.iter().position(|known| *known == add), acts.contains(&act)) {
            acts.insert(at, act);
        }
    }
    acts
}

/// Puts errors beside their fields; what belongs to none comes back as a sentence.
fn explain(resent: &Resent<'_>, context: &Context, fields: &mut [Field]) -> Option<String> {
    let t = context.t;
    match &resent.why {
        Why::Forged => Some(t.act_forged().to_owned()),
        Why::Changed => Some(t.act_changed().to_owned()),
        Why::PersonalData(_) => None,
        Why::Fields(errors) => {
            for field in fields {
                let texts: Vec<&str> =
                    errors.iter().filter(|(name, _)| *name == field.name).map(|(_, text)| *text).collect();
                field.error = (!texts.is_empty()).then(|| texts.join(" "));
            }
            None
        }
        Why::Refused(problem) => {
            let mut unplaced = Vec::new();
            for error in &problem.errors {
                match fields.iter_mut().find(|field| field.is_meant_by(&error.field)) {
                    Some(field) => field.error = Some(error.detail.clone()),
                    None => unplaced.push(error.detail.clone()),
                }
            }
            if resent.is_key_used() {
                return Some(t.act_key_reused().to_owned());
            }
            if !problem.errors.is_empty() {
                return (!unplaced.is_empty()).then(|| unplaced.join(" "));
            }
            let detail = if problem.detail.is_empty() { t.message_refused() } else { &problem.detail };
            Some(detail.to_owned())
        }
    }
}

/// A form as it came.
pub(crate) struct Sent<'a> {
    pub(crate) form: &'a Form,
    /// It carries this session's token.
    pub(crate) is_ours: bool,
    /// A script keeps it until it knows what became of it.
    pub(crate) by_script: bool,
}

/// What a form of an act becomes: a page, or for a script the address of one, or why it was refused.
pub(crate) async fn post(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
    act: &str,
    sent: &Sent<'_>,
) -> Response<Body> {
    let (Some(ticket), Some(act)) = (Ticket::parse(ticket), Act::parse(act)) else {
        return page::not_found(context, Some(who));
    };
    let ticket = ticket.to_string();
    let Sent { form, is_ours, by_script } = *sent;
    let action = format!("/petugas/laporan/{ticket}/{}", act.as_str());
    let back = async |why, status| {
        let resent = Resent { act, form, why, status };
        if by_script {
            return page::json(status, &json!({ "detail": reason(&resent, context) }));
        }
        report::resent(app, who, context, &ticket, &resent).await
    };
    if !is_ours {
        if by_script {
            return page::signed_out_for_script();
        }
        return back(Why::Forged, StatusCode::FORBIDDEN).await;
    }
    let command = match Command::of(act, form, context) {
        Ok(command) => command,
        Err(errors) if errors.is_empty() => return page::not_found(context, Some(who)),
        Err(errors) => return back(Why::Fields(errors), StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let pieces = personal_data_in(&command);
    if !pieces.is_empty() && form.text("send-anyway") != "1" {
        return back(Why::PersonalData(pieces), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    match send(app, who, context, &ticket, &command, form).await {
        Ok(done) => {
            let list = List::of_query(form.text("dari"));
            let to = desk::after(&list, &ticket, act, form.text("next"), done.is_replay);
            if by_script { page::json(StatusCode::OK, &json!({ "to": to })) } else { page::redirect(&to) }
        }
        Err(problem) if problem.status == StatusCode::PRECONDITION_FAILED => {
            back(Why::Changed, StatusCode::CONFLICT).await
        }
        Err(problem) if by_script => {
            let status = problem.status;
            back(Why::Refused(problem), status).await
        }
        // The report is not fetched: once it is stored, its page would be without this form.
        Err(problem) if problem.status == StatusCode::NOT_FOUND || !problem.status.is_client_error() => {
            kept::without_report(context, who, &action, form, &problem)
        }
        Err(problem) => {
            let status = problem.status;
            back(Why::Refused(problem), status).await
        }
    }
}

/// Why a form was refused, in words alone.
fn reason(resent: &Resent<'_>, context: &Context) -> String {
    match &resent.why {
        Why::Fields(errors) => errors.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(" "),
        Why::PersonalData(_) => context.t.act_personal_data().to_owned(),
        Why::Forged | Why::Changed | Why::Refused(_) => words(resent, context),
    }
}

async fn send(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
    command: &Command,
    form: &Form,
) -> Result<Done<Value>, Problem> {
    let path = format!("/v1/reports/{ticket}/{}", command.route);
    // Each is something of its own, whatever else has happened meanwhile.
    let is_versioned = !matches!(command.act, Act::Note | Act::Claim);
    let conditions = Conditions {
        key: form.filled("key").filter(|_| command.act != Act::Claim),
        version: form.filled("version").filter(|_| is_versioned),
    };
    app.api.post("api.command", &path, who.caller(context), &command.body, conditions).await
}

/// The words in a command that look like personal data, in texts that units, reporters or the public may read.
fn personal_data_in(command: &Command) -> Vec<(&'static str, String)> {
    let mut found: Vec<(&'static str, String)> = command
        .texts
        .iter()
        .flat_map(|(name, text)| {
            personal_data::pieces(text)
                .into_iter()
                .filter_map(|piece| Some((*name, text.get(piece.range)?.to_owned())))
        })
        .collect();
    found.dedup();
    found
}

/// Why a form came back, in words, where the form itself is not there any more.
pub(crate) fn words(resent: &Resent<'_>, context: &Context) -> String {
    let mut none = Vec::new();
    explain(resent, context, &mut none).unwrap_or_else(|| context.t.act_not_possible().to_owned())
}
