//! Front ends of infrastructure: what is deployed, and where.

pub mod compose;
