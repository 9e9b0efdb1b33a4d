//! The report as JSON, and the JSON Schema that describes it.

use super::Report;
use schemars::generate::SchemaSettings;

/// The report as indented JSON: keys in the order of the contract, one trailing line break.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// The JSON Schema (draft 2020-12, <https://json-schema.org/draft/2020-12>) of the report, with a trailing line break.
pub fn schema() -> Result<String, serde_json::Error> {
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Report>();
    let mut text = serde_json::to_string_pretty(&schema)?;
    text.push('\n');
    Ok(text)
}
