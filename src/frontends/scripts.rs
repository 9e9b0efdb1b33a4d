//! Front ends of scripts and task runners.

pub mod shell;
