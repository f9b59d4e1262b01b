//! What the template must hold, and neither the local engine nor SAM looks for.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::{collections::BTreeSet, fs, path::Path, sync::LazyLock};
use yaml_serde::Value;

static TEMPLATE: LazyLock<Value> = LazyLock::new(|| {
    yaml_serde::from_str(include_str!("../../infra/template.yaml")).expect("the template is YAML")
});

/// The API's own address with every route of it, as Lambda is told who calls.
const ANY_ROUTE: &str = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*";

/// The resources of a type, by their names.
fn resources(of_type: &str) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let all = TEMPLATE["Resources"].as_mapping().unwrap();
    let all = all.iter().filter(move |(_, resource)| resource["Type"] == of_type);
    all.map(|(name, resource)| (name.as_str().unwrap(), &resource["Properties"]))
}

/// What stands behind a short form, such as `!Ref`.
fn behind<'a>(tag: &str, value: &'a Value) -> Option<&'a Value> {
    let Value::Tagged(tagged) = value else { return None };
    (tagged.tag == tag).then_some(&tagged.value)
}

fn text_behind<'a>(tag: &str, value: &'a Value) -> &'a str {
    behind(tag, value).and_then(Value::as_str).unwrap_or_else(|| panic!("no !{tag}: {value:?}"))
}

/// The statements of a role, as they are written.
fn statements(role: &Value) -> impl Iterator<Item = &Value> {
    let policies = role["Policies"].as_sequence().unwrap();
    policies.iter().flat_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence().unwrap())
}

/// Whether an action begins so anywhere in this value.
fn has_action(value: &Value, prefix: &str) -> bool {
    match value {
        Value::String(text) => text.starts_with(prefix),
        Value::Sequence(entries) => entries.iter().any(|entry| has_action(entry, prefix)),
        Value::Mapping(fields) => fields.values().any(|field| has_action(field, prefix)),
        Value::Tagged(tagged) => has_action(&tagged.value, prefix),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The functions that a route leads to.
fn behind_routes() -> BTreeSet<&'static str> {
    let integrations: Vec<_> = resources("AWS::ApiGatewayV2::Integration").collect();
    let routes = resources("AWS::ApiGatewayV2::Route").map(|(_, route)| {
        let target = text_behind("Sub", &route["Target"]);
        let name = target.strip_prefix("integrations/${").and_then(|rest| rest.strip_suffix('}')).unwrap();
        let (_, integration) = integrations.iter().find(|(found, _)| *found == name).unwrap();
        for part in [route, *integration] {
            assert_eq!(text_behind("Ref", &part["ApiId"]), "Api", "{target}");
        }
        text_behind("GetAtt", &integration["IntegrationUri"]).strip_suffix(".Arn").unwrap()
    });
    routes.collect()
}

#[test]
fn this_api_may_call_every_function_behind_a_route_and_nothing_else_may() {
    let routed = behind_routes();
    assert!(!routed.is_empty());
    let mut permitted = Vec::new();
    for (name, permission) in resources("AWS::Lambda::Permission") {
        let field = |field: &str| permission[field].as_str().unwrap_or_default();
        assert_eq!(
            (field("Action"), field("Principal"), text_behind("Sub", &permission["SourceArn"])),
            ("lambda:InvokeFunction", "apigateway.amazonaws.com", ANY_ROUTE),
            "{name}"
        );
        assert_eq!(permission.as_mapping().unwrap().len(), 4, "{name} says more");
        permitted.push(text_behind("Ref", &permission["FunctionName"]));
    }
    permitted.sort_unstable();
    // One for each, and none for a function without a route.
    assert_eq!(permitted, routed.iter().copied().collect::<Vec<_>>());

    // The other ways to a function: an address of its own, an event that SAM would make a permission for, somebody's right.
    assert_eq!(resources("AWS::Lambda::Url").count(), 0);
    for (name, function) in resources("AWS::Serverless::Function") {
        for way in ["FunctionUrlConfig", "Events"] {
            assert!(function.get(way).is_none(), "{name} has {way}");
        }
    }
    for (name, role) in resources("AWS::IAM::Role") {
        for statement in statements(role).filter(|statement| has_action(statement, "lambda:")) {
            assert_eq!(statement["Action"], "lambda:InvokeFunction", "{name}");
            let called = text_behind("GetAtt", &statement["Resource"]).strip_suffix(".Arn").unwrap();
            assert!(!routed.contains(called), "{name} may call {called}");
        }
    }
}

/// The local engine sets up neither.
#[test]
fn what_has_a_moment_in_a_table_and_what_was_uploaded_expires() {
    let expiring = resources("AWS::DynamoDB::Table").filter_map(|(name, table)| {
        let setting = table.get("TimeToLiveSpecification")?;
        assert_eq!((&setting["AttributeName"], &setting["Enabled"]), (&"expires_at".into(), &true.into()));
        Some(name)
    });
    assert_eq!(expiring.collect::<Vec<_>>(), ["ReportsTable", "VaultTable", "MapTable", "QuotasTable"]);
    let (_, bucket) = resources("AWS::S3::Bucket").find(|(name, _)| *name == "PhotosBucket").unwrap();
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_sequence().unwrap();
    for prefix in ["incoming/", "views/"] {
        let rule = rules.iter().find(|rule| rule["Prefix"] == prefix).unwrap();
        assert_eq!((&rule["Status"], &rule["ExpirationInDays"]), (&"Enabled".into(), &1.into()), "{prefix}");
    }
}

#[test]
fn the_template_deploys_every_function() {
    let deployed: BTreeSet<_> = resources("AWS::Serverless::Function")
        .map(|(_, function)| function["CodeUri"].as_str().unwrap().to_owned())
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let folders = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let functions = folders.filter(|folder| folder.path().join("Cargo.toml").is_file());
    let written = functions.map(|folder| format!("../target/lambda/{}", folder.file_name().display()));
    assert_eq!(deployed, written.collect());
}

/// What a stack that does not trace holds, `tests/tests/stack/roles.rs` looks up in it.
#[test]
fn a_function_may_send_traces_where_the_stack_traces_and_nowhere_else() {
    let condition = behind("Equals", &TEMPLATE["Conditions"]["IsTraced"]).unwrap();
    assert_eq!((text_behind("Ref", &condition[0]), condition[1].as_str()), ("Tracing", Some("Active")));
    assert_eq!(text_behind("Ref", &TEMPLATE["Globals"]["Function"]["Tracing"]), "Tracing");
    let mut tracing = BTreeSet::new();
    for (name, role) in resources("AWS::IAM::Role") {
        for statement in statements(role).filter(|statement| has_action(statement, "xray:")) {
            let choice = behind("If", statement).unwrap_or_else(|| panic!("{name} always sends traces"));
            assert_eq!(choice[0], "IsTraced", "{name}");
            assert_eq!(text_behind("Ref", &choice[2]), "AWS::NoValue", "{name}");
            assert!(tracing.insert(name), "{name} twice");
        }
    }
    let roles = resources("AWS::Serverless::Function")
        .map(|(_, function)| text_behind("GetAtt", &function["Role"]).strip_suffix(".Arn").unwrap());
    assert_eq!(tracing, roles.collect());
}

/// The settings of each function, as the table of a page lists them.
fn listed_settings(page: &str) -> BTreeSet<(String, String)> {
    let table = page.split_once("## Functions and their settings").unwrap().1;
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" | "));
    let names = |cell: &str| cell.split('`').step_by(2).map(ToOwned::to_owned).collect::<Vec<_>>();
    rows.take_while(|(_, settings)| settings.starts_with('`'))
        .flat_map(|(functions, settings)| {
            // The first backtick of the row is cut off, that of the settings is not.
            let settings = names(settings.trim_start_matches('`'));
            names(functions).into_iter().flat_map(move |function| {
                settings.clone().into_iter().map(move |setting| (function.clone(), setting))
            })
        })
        .filter(|(_, setting)| !setting.is_empty())
        .collect()
}

#[test]
fn the_architecture_lists_the_settings_of_every_function() {
    let functions = resources("AWS::Serverless::Function").flat_map(|(_, function)| {
        let name = function["CodeUri"].as_str().unwrap().rsplit('/').next().unwrap();
        let variables = function["Environment"]["Variables"].as_mapping().unwrap();
        variables.keys().map(move |setting| {
            let setting = setting.as_str().unwrap();
            let setting = if setting.starts_with("SLOTS_") { "SLOTS_*" } else { setting };
            (name.to_owned(), setting.to_owned())
        })
    });
    let page = include_str!("../../docs/ARCHITECTURE.md");
    assert_eq!(listed_settings(page), functions.collect());
}
