//! Front ends: from spanned trees to the neutral model. They translate and never judge.

pub mod bodies;
pub mod expansion;
pub mod infra;
pub mod paths;
pub mod scripts;
pub mod template;
