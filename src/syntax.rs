//! Parsers: from bytes to spanned trees. They know formats, not what a format is used for.

pub mod hcl;
pub mod make;
pub mod shell;
pub mod splice;
//! From bytes to trees with spans, one module a language.

pub mod json;
pub mod mask;
pub mod yaml;
