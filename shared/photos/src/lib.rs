//! The photos bucket: where each photo lies, the calls that functions make to it, and the presigned URLs that they hand out.

pub mod bucket;
pub mod keys;
pub mod reconcile;
pub mod upload_form;
pub mod uploads;
