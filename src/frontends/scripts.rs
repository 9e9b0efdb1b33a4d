//! Front ends of scripts and task runners.

pub mod make;
pub mod shell;
