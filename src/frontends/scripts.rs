//! Front ends of scripts and task runners.

pub mod dockerfile;
pub mod document;
pub mod just;
pub mod make;
pub mod npm;
pub mod shell;
pub mod taskfile;
