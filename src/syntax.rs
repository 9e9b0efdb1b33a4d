//! Parsers: from bytes to spanned trees. They know formats, not what a format is used for.

pub mod dockerfile;
pub mod make;
pub mod markup;
pub mod shell;
pub mod splice;
