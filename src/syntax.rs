//! From bytes to trees with spans, one module a language.

pub mod json;
pub mod mask;
pub mod yaml;
