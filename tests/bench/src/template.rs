//! What the template deploys, as far as it can be measured and reckoned: tables, functions with their settings, what is paid for
//! by its mere being there.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fs, path::Path};
use yaml_serde::Value as Yaml;

/// The template, with tags resolved as for a production stack whose parameters are all at their defaults.
pub(crate) struct Template {
    resources: BTreeMap<String, Value>,
    memory: u64,
    timeout: u64,
    is_traced: bool,
}

/// A function as it is deployed.
pub(crate) struct Deployed {
    /// The name, such as `post-tl`.
    pub(crate) name: String,
    /// The memory in MB.
    pub(crate) memory: u64,
    /// The timeout in seconds.
    pub(crate) timeout: u64,
    /// The environment variables.
    pub(crate) settings: BTreeMap<String, String>,
}

impl Template {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let path = root.join("infra/template.yaml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let yaml: Yaml = yaml_serde::from_str(&text).context("the template is no YAML")?;
        let parameters = yaml.get("Parameters").map(|found| plain(found, &Value::Null)).unwrap_or_default();
        let resources = plain(yaml.get("Resources").context("no resources")?, &parameters);
        let globals = plain(yaml.get("Globals").context("no globals")?, &parameters);
        let number = |name: &str| globals.pointer(&format!("/Function/{name}")).and_then(Value::as_u64);
        let mut all = BTreeMap::new();
        for (name, resource) in resources.as_object().context("no resources")? {
            // What only stands under a condition that does not hold is not deployed.
            let condition = resource.get("Condition").and_then(Value::as_str);
            if condition.is_none_or(holds) {
                all.insert(name.clone(), resource.clone());
            }
        }
        Ok(Self {
            resources: all,
            memory: number("MemorySize").context("no memory")?,
            timeout: number("Timeout").context("no timeout")?,
            is_traced: globals.pointer("/Function/Tracing").is_some_and(|mode| mode == "Active"),
        })
    }

    fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.resources.iter().filter(move |(_, resource)| resource["Type"] == kind)
    }

    /// How many resources of a type there are.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.of_type(kind).count()
    }

    /// Whether X-Ray keeps traces.
    pub(crate) fn is_traced(&self) -> bool {
        self.is_traced
    }

    /// How many queues Lambda polls.
    pub(crate) fn polled_queues(&self) -> usize {
        let mappings = self.of_type("AWS::Lambda::EventSourceMapping");
        mappings
            .filter(|(_, mapping)| {
                mapping.pointer("/Properties/EventSourceArn").and_then(Value::as_str).is_some_and(|source| {
                    source.split('.').next().is_some_and(|name| {
                        self.resources.get(name).is_some_and(|found| found["Type"] == "AWS::SQS::Queue")
                    })
                })
            })
            .count()
    }

    /// The requests that make the tables.
    pub(crate) fn tables(&self) -> Vec<Value> {
        let tables = self.of_type("AWS::DynamoDB::Table").map(|(name, table)| {
            let properties = &table["Properties"];
            let mut request = Map::new();
            request.insert("TableName".into(), json!(name));
            for field in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"] {
                if let Some(value) = properties.get(field) {
                    request.insert(field.into(), value.clone());
                }
            }
            Value::Object(request)
        });
        tables.collect()
    }

    /// The functions of the template.
    pub(crate) fn functions(&self) -> Result<Vec<Deployed>> {
        let mut functions = Vec::new();
        for (_, function) in self.of_type("AWS::Serverless::Function") {
            let properties = &function["Properties"];
            let code = properties["CodeUri"].as_str().context("a function without code")?;
            let mut settings = BTreeMap::from([("STACK".to_owned(), "tuntas".to_owned())]);
            let variables = properties.pointer("/Environment/Variables").and_then(Value::as_object);
            for (name, value) in variables.into_iter().flatten() {
                if let Some(text) = value.as_str() {
                    // An address, where all others are names; nothing listens there.
                    let text = if text == "Api.ApiEndpoint" { "https://api.invalid" } else { text };
                    settings.insert(name.clone(), text.to_owned());
                }
            }
            let number = |name: &str, default| properties[name].as_u64().unwrap_or(default);
            functions.push(Deployed {
                name: code.rsplit('/').next().unwrap_or_default().to_owned(),
                memory: number("MemorySize", self.memory),
                timeout: number("Timeout", self.timeout),
                settings,
            });
        }
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(functions)
    }
}

/// The conditions of a production stack at the defaults: one vault key, no SMS, no e-mail.
fn holds(condition: &str) -> bool {
    matches!(condition, "HasKeyA" | "OverTls" | "IsProduction")
}

/// Resolves CloudFormation's short forms.
fn plain(yaml: &Yaml, parameters: &Value) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => json!(flag),
        Yaml::Number(number) => {
            number.as_i64().map_or_else(|| json!(number.as_f64()), |number| json!(number))
        }
        Yaml::String(text) => json!(text),
        Yaml::Sequence(entries) => entries.iter().map(|entry| plain(entry, parameters)).collect(),
        Yaml::Mapping(fields) => {
            let fields = fields
                .iter()
                .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), plain(value, parameters))));
            Value::Object(fields.collect())
        }
        Yaml::Tagged(tagged) => {
            let value = plain(&tagged.value, parameters);
            match tagged.tag.to_string().trim_start_matches('!') {
                "If" => {
                    let branch = if value[0].as_str().is_some_and(holds) { 1 } else { 2 };
                    value[branch].clone()
                }
                "Ref" => referred(value.as_str().unwrap_or_default(), parameters),
                "Sub" => json!(substituted(value.as_str().unwrap_or_default())),
                "GetAtt" if value.as_str().is_some_and(|name| name.starts_with("VaultKey")) => {
                    json!(crate::aws::VAULT_KEY)
                }
                // `Queue.Arn` stays so: enough to know what it is.
                _ => value,
            }
        }
    }
}

fn referred(name: &str, parameters: &Value) -> Value {
    if name == "AWS::NoValue" {
        return Value::Null;
    }
    match parameters.pointer(&format!("/{name}/Default")) {
        Some(default) => json!(default.as_str().map_or_else(|| default.to_string(), ToOwned::to_owned)),
        // S3 takes no capitals.
        None if name.ends_with("Bucket") => json!(name.to_ascii_lowercase()),
        None => json!(name),
    }
}

fn substituted(text: &str) -> String {
    [
        ("${AWS::Partition}", "aws"),
        ("${AWS::Region}", crate::aws::REGION),
        ("${AWS::AccountId}", "000000000000"),
        ("${AWS::StackName}", "tuntas"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
