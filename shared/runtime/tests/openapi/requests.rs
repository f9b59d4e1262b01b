//! Bodies of requests. The code reads them by hand, to name all errors at once, so there is no type to derive a schema from;
//! [`departures`] holds each schema against that code.

use crate::schema::{fits, is, resolved};
use domain::{
    command::{TICKETS, TICKETS_AT_ONCE},
    language::Language,
    photo_limits::{PHOTO_BYTES, PHOTOS_AT_HAND, REPORT_PHOTOS},
    privacy::Privacy,
    submission::CONTACT_BYTES,
    validation_errors::ValidationErrorCode,
};
use serde_json::{Map, Value, json};

// Blanks, dashes and full stops may stand between the symbols.
const TICKET: &str = "^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-zILOilo\\s._\u{2010}-\u{2015}-]{13,104}$";
const AREA: &str = "^[a-z0-9.-]{1,40}$";
const PHOTO: &str = "^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-zILOilo-]{16,48}$";
const CODE: &str = "^[a-z0-9-]{1,40}$";
const SHA256: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const AN_ID: &str = "CNJPASB5CNJPASB5";
const OTHER_ID: &str = "CSK6CSK6CSK6CSK6";

fn text(least: usize, most: usize, what: &str) -> Value {
    json!({"type": "string", "minLength": least, "maxLength": most, "description": what})
}

fn reason() -> Value {
    text(3, 1000, "Why. Trimmed, then counted in characters.")
}

fn code(what: &str) -> Value {
    json!({"type": "string", "pattern": CODE, "description": what})
}

fn object(what: &str, required: &[&str], mut properties: Value, example: Value) -> Value {
    for (name, property) in properties.as_object_mut().unwrap() {
        if !required.contains(&name.as_str()) {
            take_null(property);
        }
    }
    json!({
        "type": "object", "description": what, "required": required, "properties": properties,
        "additionalProperties": false, "example": example,
    })
}

/// Null is the same as absent.
fn take_null(property: &mut Value) {
    if property.get("$ref").is_some() {
        *property = json!({"anyOf": [property.take(), {"type": "null"}]});
    } else {
        property["type"] = json!([property["type"].take(), "null"]);
        if let Some(listed) = property.get_mut("enum").and_then(Value::as_array_mut) {
            listed.push(Value::Null);
        }
    }
}

fn degrees(most: f64, what: &str) -> Value {
    json!({"type": "number", "minimum": -most, "maximum": most, "description": what})
}

fn point(required: &[&str], example: Value) -> Value {
    let mut point = object(
        "A position in WGS 84 degrees, kept to 7 decimals.",
        required,
        json!({
            "lat": degrees(90.0, "North is positive."),
            "lon": degrees(180.0, "East is positive."),
            "accuracy_m": {"type": "number", "minimum": -1.0, "maximum": 100_000.0,
                           "description": "Radius of 68 % confidence in metres; negative where it is unknown."},
        }),
        example,
    );
    point["dependentRequired"] = json!({"lat": ["lon"], "lon": ["lat"], "accuracy_m": ["lat", "lon"]});
    point
}

fn upload(kinds: Option<&[&str]>, example: Value) -> Value {
    let mut properties = json!({
        "content_type": {"type": "string", "enum": ["image/jpeg", "image/png", "image/webp"]},
        "size": {"type": "integer", "minimum": 1, "maximum": PHOTO_BYTES, "description": "In bytes."},
        "sha256": {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$",
                   "description": "SHA-256 of the bytes, base64."},
    });
    let mut required = vec!["content_type", "size", "sha256"];
    if let Some(kinds) = kinds {
        properties["kind"] = json!({"type": "string", "enum": kinds});
        properties["method"] = json!({"type": "string", "enum": ["PUT"]});
        properties["camera"] = json!({"type": "string",
            "description": "A nonce of `POST …/camera`, which makes the photo live. With one that does not serve it is taken as a file."});
        required.insert(0, "kind");
    }
    object(
        "A photo that is about to be uploaded. The URL takes these bytes and no others.",
        &required,
        properties,
        example,
    )
}

fn photos(most: usize, what: &str) -> Value {
    json!({"type": "array", "maxItems": most, "uniqueItems": true, "description": what,
           "items": {"type": "string", "pattern": PHOTO}})
}

/// The kinds of officers' photos.
const KINDS: [&str; 3] = ["before", "after", "field"];

/// The schemas of all bodies.
pub(crate) fn schemas() -> Map<String, Value> {
    let officer_upload =
        json!({"kind": "before", "content_type": "image/jpeg", "size": 482_113, "sha256": SHA256});
    let channel_upload = json!({"content_type": "image/jpeg", "size": 482_113, "sha256": SHA256});
    let here = json!({"lat": -6.175_392_4, "lon": 106.827_153_6, "accuracy_m": 12.5});
    let mut location = point(
        &[],
        json!({"lat": -6.175_392_4, "lon": 106.827_153_6, "accuracy_m": 12.5, "address": "Jl. Contoh 1"}),
    );
    location["description"] = json!("A position, an address, or both; at least one of them.");
    location["properties"]["address"] = text(3, 300, "As somebody wrote it.");
    let one_of = |what: &str, names: &[&str]| {
        let names: Vec<Value> =
            names.iter().map(|name| json!({"$ref": format!("#/components/schemas/{name}")})).collect();
        json!({"description": what, "oneOf": names})
    };
    let action = |name: &str| json!({"type": "string", "enum": [name]});
    let mut measured = point(
        &["by", "lat", "lon", "accuracy_m"],
        json!({"by": "device", "lat": -6.175_392_4, "lon": 106.827_153_6, "accuracy_m": 8.0}),
    );
    measured["description"] = json!("Measured by the officer's device.");
    measured["properties"]["by"] = action("device");
    measured["properties"]["accuracy_m"]["minimum"] = json!(0.0);
    measured["properties"]["accuracy_m"]["description"] = json!("Radius of 68 % confidence in metres.");
    let by_hand =
        json!({"by": "hand", "lat": -6.175_392_4, "lon": 106.827_153_6, "reason": "Di dalam gedung"});
    let ways = ["Assign", "Recall", "Accept", "Forward", "Delegate", "Return", "Reject", "Merge"];
    let all = json!({
        "Point": point(&["lat", "lon"], here.clone()),
        "Location": location,
        "LocationRequest": one_of(
            "Where the officer was, with how that is known.",
            &["Point", "MeasuredLocation", "LocationByHand", "LocationInWords"],
        ),
        "MeasuredLocation": measured.clone(),
        "LocationByHand": object("Set on a map or in degrees.", &["by", "lat", "lon", "reason"],
            json!({"by": action("hand"), "lat": degrees(90.0, "North is positive."), "lon": degrees(180.0, "East is positive."),
                   "reason": reason()}),
            by_hand.clone()),
        "LocationInWords": object("Described.", &["by", "address", "reason"],
            json!({"by": action("words"), "address": text(3, 300, "As the officer wrote it."), "reason": reason()}),
            json!({"by": "words", "address": "Di bawah jembatan, sisi utara", "reason": "Tidak ada sinyal satelit"})),
        "ChannelUpload": upload(None, channel_upload.clone()),
        "OfficerUpload": upload(Some(&KINDS), officer_upload.clone()),
        "OfficerFormUpload": object(
            "A photo that a form sends with POST, from a browser without scripts: nothing is known of its bytes before.",
            &["kind", "method"],
            json!({"kind": {"type": "string", "enum": KINDS}, "method": action("POST")}),
            json!({"kind": "before", "method": "POST"}),
        ),
        "Reporter": object(
            &format!("How to reach the reporter: sealed on arrival, never given back. At most {CONTACT_BYTES} bytes together. A field that cannot be used is left away, with a warning."),
            &[],
            json!({
                "name": text(1, CONTACT_BYTES, "What they call themselves."),
                "phone": {"type": "string",
                          "description": "A mobile number, one that takes SMS, Indonesian unless it begins with `+` or `00`."},
                "email": {"type": "string",
                          "description": "One address of mail, in ASCII."},
                "channel_ref": text(1, CONTACT_BYTES, "What the channel knows them by."),
            }),
            json!({"name": "Siti", "phone": "+62 812-0000-0000", "email": "siti@contoh.id", "channel_ref": "percakapan-17"}),
        ),
        "SubmitRequest": object(
            "A report.",
            &["category", "description", "location"],
            json!({
                "category": code("A category of the registry."),
                "description": text(3, 4000, "What the reporter wrote; at least 10 characters where no photo comes with it."),
                "location": {"$ref": "#/components/schemas/Location"},
                "privacy": {"type": "string", "enum": Privacy::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(), "default": "private"},
                "language": {"type": "string", "enum": Language::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(), "default": "id",
                             "description": "Of messages to the reporter."},
                "reporter": {"$ref": "#/components/schemas/Reporter"},
                "photos": {"type": "array", "maxItems": REPORT_PHOTOS, "items": {"$ref": "#/components/schemas/ChannelUpload"}},
            }),
            json!({
                "category": "jalan-berlubang", "description": "Jalan berlubang di depan pasar",
                "location": {"lat": -6.175_392_4, "lon": 106.827_153_6, "accuracy_m": 12.5, "address": "Jl. Contoh 1"},
                "privacy": "private", "language": "id",
                "reporter": {"name": "Siti", "phone": "+62 812-0000-0000", "email": "siti@contoh.id", "channel_ref": "percakapan-17"},
                "photos": [channel_upload],
            }),
        ),
        "PhotosRequest": object(
            "Photos to be uploaded. `before` and `after` are the unit's, `field` the verifier's: not both in one request.",
            &["photos"],
            json!({"photos": {"type": "array", "minItems": 1, "maxItems": PHOTOS_AT_HAND,
                              "items": one_of("By PUT, or by a form.", &["OfficerUpload", "OfficerFormUpload"])}}),
            json!({"photos": [officer_upload]}),
        ),
        "AssignmentRequest": one_of(
            "One action with its own fields and no others.",
            &ways,
        ),
        "BulkAssignmentRequest": one_of(
            "One action with its own fields, as for one report, and the tickets of the reports.",
            &ways.map(in_bulk).each_ref().map(String::as_str),
        ),
        "Assign": object("The ticket desk sends it to a unit.", &["action", "unit"],
            json!({"action": action("assign"), "unit": code("A unit of the registry."),
                   "summary": text(10, 4000, "What the unit reads in the place of all that the reporter wrote and sent. `peka` categories need one.")}),
            json!({"action": "assign", "unit": "sudin-bina-marga-jaksel", "summary": "Lubang sedalam 20 cm di lajur kiri"})),
        "Recall": object("The ticket desk takes back what it did last, while nobody else has heard of it.", &["action"],
            json!({"action": action("recall")}), json!({"action": "recall"})),
        "Accept": object("The unit takes it up.", &["action"], json!({"action": action("accept")}), json!({"action": "accept"})),
        "Forward": object("The unit passes it to another; the third time it goes to the ticket desk.", &["action", "unit", "reason"],
            json!({"action": action("forward"), "unit": code("Another unit."), "reason": reason()}),
            json!({"action": "forward", "unit": "dinas-perhubungan", "reason": "Ini rambu, bukan jalan"})),
        "Delegate": object("The unit passes it to a unit directly below.", &["action", "unit"],
            json!({"action": action("delegate"), "unit": code("A unit directly below.")}),
            json!({"action": "delegate", "unit": "sudin-bina-marga-jaksel"})),
        "Return": object("The unit gives it back to the ticket desk.", &["action", "reason"],
            json!({"action": action("return"), "reason": reason()}),
            json!({"action": "return", "reason": "Di luar wilayah kami"})),
        "Reject": object("The ticket desk refuses it.", &["action", "reason"],
            json!({"action": action("reject"), "reason": reason()}),
            json!({"action": "reject", "reason": "Bukan kewenangan kota"})),
        "Merge": object("The ticket desk merges it into another, open report.", &["action", "into"],
            json!({"action": action("merge"), "into": {"type": "string", "pattern": TICKET}}),
            json!({"action": "merge", "into": "0M2G-A185-0M2GP"})),
        "TlRequest": object(
            "A follow-up: at least one ready photo from before and one from after. An `after` serves one TL.",
            &["narrative", "photos"],
            json!({"narrative": text(10, 4000, "What was done."),
                   "photos": photos(2 * PHOTOS_AT_HAND, "Of those at hand."),
                   "location": {"$ref": "#/components/schemas/LocationRequest"},
                   "check": {"type": "boolean",
                             "description": "Only say what would be answered, with `warnings`; nothing is stored."}}),
            json!({"narrative": "Lubang ditambal dengan aspal", "photos": [AN_ID, OTHER_ID], "location": by_hand, "check": false}),
        ),
        "ValidationRequest": one_of("The bureau's verdict on a TL.", &["ValidationAccepted", "ValidationRefused"]),
        "ValidationAccepted": object("The problem is solved.", &["decision"],
            json!({"decision": action("accept"), "reason": reason()}),
            json!({"decision": "accept", "reason": "Sudah rata"})),
        "ValidationRefused": object("Back to the unit, or somebody goes to look.", &["decision", "reason"],
            json!({"decision": {"type": "string", "enum": ["reject", "field_check"]}, "reason": reason()}),
            json!({"decision": "reject", "reason": "Foto sesudah bukan di tempat yang sama"})),
        "CorrectionRequest": object(
            "What the report is about, or where it is; at least one of the two. A `location` takes the place of the whole one before.",
            &["reason"],
            json!({"category": code("A category of the registry."),
                   "location": {"$ref": "#/components/schemas/Location"},
                   "area": {"type": "string", "pattern": AREA,
                            "description": "An area of the city's map; only of a place without a position, which would say the area."},
                   "reason": reason()}),
            json!({"category": "jalan-berlubang",
                   "location": {"lat": -6.175_392_4, "lon": 106.827_153_6, "accuracy_m": 12.5, "address": "Jl. Contoh 1"},
                   "reason": "Bukan pohon, jalan yang rusak"}),
        ),
        "NoteRequest": object(
            "A note for other officers. Reporters never see it.",
            &["text"],
            json!({"text": text(3, 1000, "What it says."),
                   "audience": {"type": "string", "enum": ["bureau", "all"], "default": "bureau",
                                "description": "`all`: also officers of the unit that has the report."},
                   "to": {"type": "string", "enum": ["tiket"],
                          "description": "A question to the ticket desk, which finds it with `kind=questions` until it answers."}}),
            json!({"text": "Apakah ini jalan kota?", "audience": "all", "to": "tiket"}),
        ),
        "ClaimRequest": object("Nothing.", &[], json!({}), json!({})),
        "CameraRequest": object("Nothing.", &[], json!({}), json!({})),
        "PlanRequest": object(
            "By which day the unit's work will be done. At most three times a report.",
            &["on", "reason"],
            json!({"on": {"type": "string", "format": "date", "description": "Today or one of the next 90 days."},
                   "reason": reason()}),
            json!({"on": "2026-02-27", "reason": "Menunggu aspal"}),
        ),
        "VerificationRequest": one_of(
            "The verifier's verdict, or why there is none.",
            &["Verification", "CouldNotLook"],
        ),
        "CouldNotLook": object(
            "The verifier could not look: the report goes back to the validators.",
            &["looked", "reason"],
            json!({"looked": {"type": "boolean", "description": "False."}, "reason": reason()}),
            json!({"looked": false, "reason": "Gerbang terkunci"}),
        ),
        "Verification": object(
            "The verifier's verdict, with at least one ready field photo.",
            &["conforms", "finding", "photos", "location"],
            json!({"looked": {"type": "boolean", "description": "True, or absent."},
                   "conforms": {"type": "boolean", "description": "Whether what is there conforms to the TL."},
                   "finding": text(3, 1000, "What was seen."),
                   "photos": photos(PHOTOS_AT_HAND, "Of the field photos at hand."),
                   "location": {"$ref": "#/components/schemas/LocationRequest"}}),
            json!({"looked": true, "conforms": true, "finding": "Aspal rata, kering", "photos": [AN_ID],
                   "location": measured["example"]}),
        ),
    });
    let reporters = json!({
        "TrackPhotosRequest": object(
            "Photos that the reporter is about to upload.",
            &["photos"],
            json!({"photos": {"type": "array", "minItems": 1, "maxItems": REPORT_PHOTOS,
                              "items": {"$ref": "#/components/schemas/ChannelUpload"}}}),
            json!({"photos": [channel_upload]}),
        ),
        "DisputeRequest": object("Why the result is not one.", &["reason"], json!({"reason": reason()}),
            json!({"reason": "Sudah berlubang lagi"})),
        "RatingRequest": object(
            "What the reporter thinks of the result.",
            &["stars"],
            json!({"stars": {"type": "integer", "minimum": 1, "maximum": 5},
                   "comment": text(3, 1000, "In their words.")}),
            json!({"stars": 4, "comment": "Cepat, terima kasih"}),
        ),
        "PrivacyRequest": object(
            "Whether those who handle the report may see the reporter's photos.",
            &["privacy"],
            json!({"privacy": {"type": "string", "enum": Privacy::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>()}}),
            json!({"privacy": "private"}),
        ),
    });
    let bulk: Map<String, Value> =
        ways.into_iter().map(|name| (in_bulk(name), with_tickets(all[name].clone()))).collect();
    let both = [all, reporters].map(|schemas| schemas.as_object().unwrap().clone());
    both.into_iter().flatten().chain(bulk).collect()
}

/// The name of the schema of an action for many reports.
fn in_bulk(name: &str) -> String {
    format!("Bulk{name}")
}

/// The schema of an action for many reports, made of that for one.
fn with_tickets(mut action: Value) -> Value {
    let ticket = json!({"type": "string", "pattern": TICKET});
    action["properties"][TICKETS] = json!({"type": "array", "minItems": 1, "maxItems": TICKETS_AT_ONCE, "uniqueItems": true,
        "description": "Of the reports, each once however it is written.", "items": ticket});
    action["required"].as_array_mut().unwrap().push(json!(TICKETS));
    action["example"][TICKETS] = json!(["0M2G-A185-0M2GP"]);
    action
}

/// Bodies that leave the schema (or move within it) at one field, with the error that each must have there, if any.
pub(crate) fn departures(
    document: &Value,
    schema: &Value,
    example: &Value,
) -> Vec<(Value, String, Option<&'static str>)> {
    let mut found = Vec::new();
    walk(document, schema, example, "", &mut |field, code, place, change| {
        let mut body = example.clone();
        let at = if place.is_empty() { Some(&mut body) } else { body.pointer_mut(place) };
        // What the example leaves out goes with nothing else in it.
        let Some(at) = at else { return };
        change(at);
        found.push((body, field.to_owned(), code.map(ValidationErrorCode::as_str)));
    });
    found
}

type Note<'a> = dyn FnMut(&str, Option<ValidationErrorCode>, &str, &dyn Fn(&mut Value)) + 'a;

fn walk(document: &Value, schema: &Value, value: &Value, place: &str, note: &mut Note<'_>) {
    let schema = resolved(document, schema);
    let list = |name: &str| schema[name].as_array().cloned().unwrap_or_default();
    let field = |name: &str| {
        let path = place.split('/').skip(1).fold(String::new(), |path, part| match part.parse::<usize>() {
            Ok(n) => format!("{path}[{n}]"),
            Err(_) if path.is_empty() => part.to_owned(),
            Err(_) => format!("{path}.{part}"),
        });
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    note(&field("tidak_dikenal"), Some(ValidationErrorCode::Unknown), place, &|body| {
        body["tidak_dikenal"] = json!(1)
    });
    for (name, property) in schema["properties"].as_object().unwrap() {
        let (path, at) = (field(name), format!("{place}/{name}"));
        let property = resolved(document, property);
        let needed = list("required").contains(&json!(name))
            || schema["dependentRequired"].as_object().into_iter().flatten().any(|(other, needs)| {
                other != name
                    && value.get(other).is_some()
                    && needs.as_array().unwrap().contains(&json!(name))
            });
        let missing = needed.then_some(ValidationErrorCode::Required);
        note(&path, missing, place, &|body| drop(body.as_object_mut().unwrap().remove(name)));
        note(&path, missing, place, &|body| body[name] = Value::Null);
        // What a contact has wrong costs a warning and no report.
        let mut set = |to: Value, code: Option<ValidationErrorCode>| {
            note(&path, code.filter(|_| place != "/reporter"), &at, &|field| *field = to.clone());
        };
        let wrong = if is(property, "string") { json!(7) } else { json!("tujuh") };
        set(wrong, Some(ValidationErrorCode::Type));
        if let Some(least) = property["minLength"].as_u64() {
            let least = usize::try_from(least).unwrap();
            set(json!("é".repeat(least)), None);
            let is_absent = least == 1 && !needed;
            let short = (!is_absent).then_some(ValidationErrorCode::TooShort);
            set(json!(format!(" {}\n", "x".repeat(least - 1))), short);
            set(json!("x\u{1}y".repeat(least)), Some(ValidationErrorCode::Control));
        }
        if let Some(most) = property["maxLength"].as_u64() {
            let most = usize::try_from(most).unwrap();
            set(json!("x".repeat(most)), None);
            set(json!("x".repeat(most + 1)), Some(ValidationErrorCode::TooLong));
        }
        if property.get("pattern").is_some() {
            set(json!("?"), Some(ValidationErrorCode::Format));
        }
        if let Some(listed) = property["enum"].as_array() {
            listed.iter().for_each(|value| set(value.clone(), None));
            set(json!("tidak-ada"), Some(ValidationErrorCode::NotListed));
        }
        for (bound, beyond) in [("minimum", -1.0), ("maximum", 1.0)] {
            let Some(at_most) = property.get(bound) else { continue };
            set(at_most.clone(), None);
            let over = match at_most.as_u64().filter(|_| is(property, "integer")) {
                Some(whole) => json!(whole.saturating_add_signed(if beyond < 0.0 { -1 } else { 1 })),
                None => json!(at_most.as_f64().unwrap() + beyond),
            };
            set(over, Some(ValidationErrorCode::Range));
        }
        if property["uniqueItems"] == true {
            let twice = value[name][0].clone();
            note(&format!("{path}[1]"), Some(ValidationErrorCode::Repeated), &at, &|list| {
                *list = json!([twice, twice])
            });
            note(&format!("{path}[0]"), Some(ValidationErrorCode::Format), &at, &|list| *list = json!(["?"]));
        }
        if property["minItems"] == 1 {
            note(&path, Some(ValidationErrorCode::Required), &at, &|list| *list = json!([]));
        }
        if let Some(most) = property["maxItems"].as_u64() {
            let most = usize::try_from(most).unwrap();
            let first = value[name][0].clone();
            note(&path, Some(ValidationErrorCode::TooMany), &at, &|list| {
                *list = json!(vec![first.clone(); most + 1])
            });
            note(&path, None, &at, &|list| *list = json!(vec![first.clone(); most]));
            let items = resolved(document, &property["items"]);
            let variants = items["oneOf"].as_array().into_iter().flatten();
            let mut of_example = variants.map(|variant| resolved(document, variant));
            let of_example = of_example.find(|variant| fits(document, variant, &first).is_ok());
            let items = of_example.unwrap_or(items);
            if is(items, "object") {
                walk(document, items, &value[name][0], &format!("{at}/0"), note);
            }
        }
        if is(property, "object") {
            walk(document, property, &value[name], &at, note);
        }
        // Of several ways to say it the one that the example has.
        let ways = property["oneOf"].as_array().into_iter().flatten();
        if let Some(way) = ways.into_iter().find(|way| fits(document, way, &value[name]).is_ok()) {
            // Without the field that names the way it is another one.
            let way_itself = format!("{path}.by");
            walk(document, way, &value[name], &at, &mut |field, code, place, change| {
                if field != way_itself || code != Some(ValidationErrorCode::Required) {
                    note(field, code, place, change);
                }
            });
        }
    }
}
