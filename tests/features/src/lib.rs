//! Nothing but a manifest: the features that every build on this machine turns on.

#[cfg(not(debug_assertions))]
compile_error!(
    "what is built for AWS is built without the features of tests: leave this package out (`--exclude features`)"
);
