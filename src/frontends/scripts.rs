//! Front ends of scripts and task runners.

pub mod dockerfile;
pub mod document;
pub mod make;
pub mod npm;
pub mod shell;
