//! The stack under test.

use std::{ops::Deref, path::Path, sync::LazyLock};

/// What `stack.json` says, and what tests ask of it. What is missing fails the test.
pub struct Stack(stack_file::Stack);

impl Deref for Stack {
    type Target = stack_file::Stack;
    fn deref(&self) -> &stack_file::Stack {
        &self.0
    }
}

static STACK: LazyLock<Stack> = LazyLock::new(|| {
    let path =
        std::env::var("TUNTAS_STACK").expect("TUNTAS_STACK names the stack.json; run `cargo xtask test`");
    Stack(stack_file::Stack::read(Path::new(&path)).expect("a stack.json"))
});

/// The stack that `TUNTAS_STACK` names.
pub fn stack() -> &'static Stack {
    &STACK
}

impl Stack {
    /// One of the stack's outputs.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("no output {name}"))
    }

    /// The key of the channel with this code.
    pub fn channel_key(&self, code: &str) -> &str {
        let channel = self.channels.iter().find(|channel| channel.code == code);
        &channel.unwrap_or_else(|| panic!("no channel {code}")).key
    }

    /// The functions, such as `post-tl`: each has a role among the outputs, such as `PostTlRoleArn`.
    pub fn functions(&self) -> Vec<String> {
        let roles = self.outputs.keys().filter_map(|name| name.strip_suffix("RoleArn"));
        let dashed = |role: &str| -> String {
            role.char_indices()
                .flat_map(|(at, c)| {
                    let dash = (at > 0 && c.is_ascii_uppercase()).then_some('-');
                    dash.into_iter().chain([c.to_ascii_lowercase()])
                })
                .collect()
        };
        roles.map(dashed).collect()
    }
}
