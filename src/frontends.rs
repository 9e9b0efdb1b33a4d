//! Front ends: from spanned trees to the neutral model. They translate and never judge.

pub mod pipelines;
pub mod scripts;
