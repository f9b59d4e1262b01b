//! Everything that is stored in DynamoDB: reports, vault, registry, quotas, access log.
//!
//! Concrete structs with one method per query. No other crate builds an item or names an attribute.

pub mod access_log;
mod cached_items;
pub mod city_map;
pub mod derived_ids;
pub mod digest;
mod dynamodb_items;
mod index_parts;
pub mod intake_keys;
pub mod public_city;
pub mod quotas;
pub mod registry;
pub mod reports;
#[cfg(test)]
mod round_trip_tests;
#[cfg(test)]
mod stored_forms_tests;
pub mod transaction;
pub mod vault;

pub use aws_failure::Failure;
