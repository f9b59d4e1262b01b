//! `tuntas` as an operator runs it: on a stack by its name, with the rights that somebody gave, and no others.

use crate::{
    http::fresh_key,
    operator::{config, wait},
    proxy::{Answered, Outcome, pass_on, stand_between},
    replay::tuntas,
    stack::stack,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::LazyLock,
};

/// The one policy of an operator that a test makes.
const POLICY: &str = "rights";

#[derive(Deserialize)]
struct Statement {
    actions: Vec<String>,
    resource: String,
    #[serde(default)]
    optional: bool,
    /// Whether the local engine gives it to everybody.
    #[serde(default)]
    unenforced: bool,
}

static RIGHTS: LazyLock<BTreeMap<String, Vec<Statement>>> = LazyLock::new(|| {
    yaml_serde::from_str(include_str!("../../infra/operator-rights.yaml")).expect("the rights of commands")
});

/// One action on one resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Right {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// An ARN.
    pub resource: String,
    /// Whether the command does without, on the local engine at least.
    pub is_optional: bool,
}

/// Every command that the file of rights has.
pub fn commands() -> Vec<&'static str> {
    RIGHTS.keys().map(String::as_str).filter(|command| *command != "every command").collect()
}

/// What the file of rights gives to a command, on this stack.
pub fn rights_of(command: &str) -> Vec<Right> {
    rights_on(command, &stack().name, &stack().outputs)
}

/// What the file of rights gives to a command, on a stack with this name and these outputs.
pub fn rights_on(command: &str, stack: &str, outputs: &BTreeMap<String, String>) -> Vec<Right> {
    let statements = |name: &str| RIGHTS.get(name).unwrap_or_else(|| panic!("no rights of {name}")).iter();
    statements("every command")
        .chain(statements(command))
        .flat_map(|statement| {
            let resource = filled_in(&statement.resource, stack, outputs);
            statement.actions.iter().map(move |action| Right {
                action: action.clone(),
                resource: resource.clone(),
                is_optional: statement.optional || statement.unenforced,
            })
        })
        .collect()
}

/// A resource of a stack.
fn filled_in(resource: &str, stack: &str, outputs: &BTreeMap<String, String>) -> String {
    let account = outputs["TopicPrefix"].split(':').nth(4).expect("an account");
    let mut filled = resource.replace("${Account}", account).replace("${Stack}", stack);
    for (name, value) in outputs {
        filled = filled.replace(&format!("${{{name}}}"), value);
    }
    assert!(!filled.contains("${"), "{filled}");
    filled
}

/// An operator with the tool. Gone when dropped, if a test made it.
pub struct Tool {
    stack: String,
    settings: Vec<(&'static str, String)>,
    home: PathBuf,
    user: Option<(String, String)>,
}

/// What a run said. No Debug: it may hold keys and passwords.
pub struct Said {
    /// The exit code.
    pub code: i32,
    /// The result.
    pub stdout: String,
    /// The error.
    pub stderr: String,
}

impl Said {
    /// The same, if it ended with this exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.stderr);
        self
    }

    /// The result of a run with `--json` that went well.
    #[track_caller]
    pub fn json(self) -> Value {
        let said = self.expect(0);
        serde_json::from_str(&said.stdout).expect("JSON")
    }
}

impl Tool {
    /// An operator with the rights of one command.
    pub fn of(command: &str) -> Self {
        Self::with(&rights_of(command))
    }

    /// An operator with these rights: an IAM user of its own.
    pub fn with(rights: &[Right]) -> Self {
        let iam = aws_sdk_iam::Client::new(&config());
        let name = format!("uji-{}", fresh_key());
        wait(iam.create_user().user_name(&name).send()).expect("a user");
        let allowed =
            |right: &Right| json!({"Effect": "Allow", "Action": right.action, "Resource": right.resource});
        let statements: Vec<Value> = rights.iter().map(allowed).collect();
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let put = iam.put_user_policy().user_name(&name).policy_name(POLICY).policy_document(policy);
        wait(put.send()).expect("its rights");
        let key =
            wait(iam.create_access_key().user_name(&name).send()).expect("a key").access_key.expect("a key");
        let mut tool = Self::without_credentials();
        tool.settings.push(("AWS_ACCESS_KEY_ID", key.access_key_id.clone()));
        tool.settings.push(("AWS_SECRET_ACCESS_KEY", key.secret_access_key));
        tool.user = Some((name, key.access_key_id));
        tool
    }

    /// Somebody whom AWS does not know.
    pub fn without_credentials() -> Self {
        let home = env::temp_dir().join(format!("tuntas-{}", fresh_key()));
        fs::create_dir(&home).expect("a home");
        let settings = vec![
            ("AWS_ENDPOINT_URL", stack().endpoint.clone()),
            ("AWS_REGION", stack().region.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("HOME", home.to_string_lossy().into_owned()),
        ];
        Self { stack: stack().name.clone(), settings, home, user: None }
    }

    /// The same operator, for another stack.
    pub fn on(mut self, stack: &str) -> Self {
        stack.clone_into(&mut self.stack);
        self
    }

    /// The same operator, for a stack with this name and these outputs that nobody deployed: what describes it is answered here, if
    /// the operator may describe it.
    pub fn on_outputs(self, stack: &str, outputs: BTreeMap<String, String>) -> Self {
        let endpoint = stand_between("uji-outputs", move |request| {
            let answered = pass_on(request);
            let is_unknown = String::from_utf8_lossy(&answered.body).contains("does not exist");
            let is_description = String::from_utf8_lossy(&request.body).contains("Action=DescribeStacks");
            Outcome::Answer(if is_description && is_unknown { described(&outputs) } else { answered })
        });
        self.on(stack).through(&endpoint)
    }

    /// The same operator, whose calls go to this address.
    pub fn through(mut self, endpoint: &str) -> Self {
        self.settings.retain(|(name, _)| *name != "AWS_ENDPOINT_URL");
        self.settings.push(("AWS_ENDPOINT_URL", endpoint.to_owned()));
        self
    }

    /// A file of this operator's.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.home.join(name);
        fs::write(&path, content).expect("a file");
        path.to_string_lossy().into_owned()
    }

    /// Runs it, with nobody there to ask.
    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_into(Stdio::piped(), arguments)
    }

    /// Runs it with this for its standard output.
    pub fn run_into(&self, stdout: Stdio, arguments: &[&str]) -> Said {
        let ran = Command::new(tuntas())
            .args(arguments)
            .args(["--stack", &self.stack])
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.home)
            .stdin(Stdio::null())
            .stdout(stdout)
            .output()
            .expect("tuntas");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let said = Said {
            code: ran.status.code().expect("an exit code"),
            stdout: text(ran.stdout),
            stderr: text(ran.stderr),
        };
        assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
        said
    }
}

/// CloudFormation's description of a stack with these outputs.
fn described(outputs: &BTreeMap<String, String>) -> Answered {
    let output = |(name, value): (&String, &String)| {
        format!("<member><OutputKey>{name}</OutputKey><OutputValue>{value}</OutputValue></member>")
    };
    let outputs: String = outputs.iter().map(output).collect();
    let body = format!(
        "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><DescribeStacksResult><Stacks><member>\
         <StackName>uji</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>\
         <Outputs>{outputs}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    );
    Answered { status: 200, kind: "text/xml".to_owned(), body: body.into_bytes() }
}

impl Drop for Tool {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
        if let Some((name, key)) = &self.user {
            let iam = aws_sdk_iam::Client::new(&config());
            let _ = wait(iam.delete_access_key().user_name(name).access_key_id(key).send());
            let _ = wait(iam.delete_user_policy().user_name(name).policy_name(POLICY).send());
            let _ = wait(iam.delete_user().user_name(name).send());
        }
    }
}
