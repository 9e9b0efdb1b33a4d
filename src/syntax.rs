//! Parsers: from bytes to trees with spans, one module a language. They know formats, not what a format is used for.

pub mod dockerfile;
pub mod earthfile;
pub mod groovy;
pub mod hcl;
pub mod json;
pub mod just;
pub mod literals;
pub mod make;
pub mod markup;
pub mod mask;
pub mod settings;
pub mod shell;
pub mod splice;
pub mod toml;
pub mod xml;
pub mod yaml;
