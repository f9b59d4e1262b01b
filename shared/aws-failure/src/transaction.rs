//! Which transaction a call to DynamoDB is.
//!
//! All of them are `TransactWriteItems`. Only who makes one knows its name, and only who counts calls writes the log line: so the
//! name goes along with the call, and none of it to AWS.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::interceptors::{Intercept, context::BeforeSerializationInterceptorContextRef, dyn_dispatch_hint},
};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

/// Names the call that it is an interceptor of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transaction {
    /// The name of the transaction, a fixed word.
    pub name: &'static str,
    /// Whether it is a retry, after another transaction was in its way.
    pub is_retry: bool,
}

impl Storable for Transaction {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Transaction {
    fn name(&self) -> &'static str {
        "Transaction"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(*self);
        Ok(())
    }
}
