//! Front ends of pipelines, one module a vendor.

pub mod github;
