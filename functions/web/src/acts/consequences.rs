//! What an act leads to, in sentences, before it is sent: as the API says, which asks the rules that act.

use super::fields::{Field, FieldKind};
use crate::{
    api::{
        city::City,
        report::{Consequence, ReadBy, Report},
    },
    context::Context,
    history,
};
use domain::act::Act;

/// Of an act that leads to one thing.
pub(super) fn of_act(context: &Context, report: &Report, act: Act, city: &City) -> Vec<String> {
    let of_act = report.consequences.iter().filter(|consequence| consequence.act == act);
    of_act
        .filter(|consequence| consequence.choice.is_none())
        .flat_map(|consequence| sentences(context, report, consequence, city))
        .collect()
}

/// Puts what each choice leads to beside it.
pub(super) fn beside_choices(
    context: &Context,
    report: &Report,
    act: Act,
    city: &City,
    fields: &mut [Field],
) {
    let of_act: Vec<&Consequence> =
        report.consequences.iter().filter(|consequence| consequence.act == act).collect();
    for field in fields {
        let FieldKind::Radios { choices } = &mut field.kind else { continue };
        for choice in choices {
            // What the API calls a choice, and what the form does.
            let name = match choice.value.as_str() {
                "yes" => "conforms",
                "no" => "does_not_conform",
                value => value,
            };
            let named =
                |name: &str| of_act.iter().find(|consequence| consequence.choice.as_deref() == Some(name));
            let Some(plain) = named(name) else { continue };
            choice.leads_to = sentences(context, report, plain, city);
            if let Some(asked) = named(&format!("{name}_to_tiket")) {
                let read_by = readers(context, report, &asked.read_by);
                choice.leads_to.extend(read_by.map(|read_by| context.t.leads_to_if_asked(read_by)));
            }
        }
    }
}

fn sentences(context: &Context, report: &Report, consequence: &Consequence, city: &City) -> Vec<String> {
    let t = context.t;
    let status = &consequence.status_text;
    let mut sentences = vec![match consequence.desk.as_deref() {
        Some(desk) => t.leads_to_status_at(status, history::desk_name(context, desk, city)),
        None => t.leads_to_status(status),
    }];
    sentences.extend(readers(context, report, &consequence.read_by));
    sentences.push(match &consequence.reporter {
        Some(told) => t.leads_to_told(when(context, report, &told.when), &told.text),
        None => t.leads_to_not_told().to_owned(),
    });
    sentences
}

/// Who reads what is typed, by when: those who read it at the same time stand together.
fn readers(context: &Context, report: &Report, read_by: &[ReadBy]) -> Option<String> {
    let t = context.t;
    let name = |reader: &ReadBy| {
        let name = match reader.who.as_str() {
            "own_unit" => t.reads_own_unit(),
            "unit" => t.reads_unit(),
            "tiket" => t.reads_tiket(),
            "validasi" => t.reads_validasi(),
            "verifikasi" => t.reads_verifikasi(),
            "administrator" => t.reads_administrator(),
            _ => t.reads_reporter(),
        };
        if reader.masked { t.reads_masked(name) } else { name.to_owned() }
    };
    let at = |moment: &str| {
        let names: Vec<String> = read_by.iter().filter(|reader| reader.when == moment).map(name).collect();
        (!names.is_empty()).then(|| format!("{}: {}", when(context, report, moment), names.join(", ")))
    };
    let parts: Vec<String> = ["now", "slot", "later"].into_iter().filter_map(at).collect();
    (!parts.is_empty()).then(|| t.leads_to_read_by(parts.join("; ")))
}

fn when(context: &Context, report: &Report, when: &str) -> String {
    let t = context.t;
    match when {
        "now" => t.when_now().to_owned(),
        "later" => t.when_later().to_owned(),
        _ => match report.slots.as_ref() {
            Some(slots) if slots.schedule != "0" => match slots.schedule.strip_prefix("every:") {
                Some(minutes) => t.when_every(minutes),
                None if slots.one_of_next > 1 => t.when_one_of_two(slots.schedule.replace(',', ", ")),
                None => t.when_slot(slots.schedule.replace(',', ", ")),
            },
            _ => t.when_now().to_owned(),
        },
    }
}
